#include "support/model_codes.hpp"

#include <engram/io/npz.hpp>

namespace support {

std::string folder_name(const std::filesystem::path& folder) {
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

void check_folder_names(const std::vector<std::filesystem::path>& folders) {
  std::vector<std::string> names;
  for (const auto& folder : folders) {
    names.push_back(folder_name(folder));
    engram::ensure<engram::ArgumentError>(std::ranges::count(names, names.back()) == 1,
                                          "--model: need folders of different names, got two called ", names.back());
  }
}

ModelCode load_code(const std::filesystem::path& folder, const std::filesystem::path& images,
                    const engram::data::FrameOptions& options) {
  const TrainedModel trained = load_model_folder(folder);
  const auto frames = load_frames_for(trained.network, trained.maximum(), trained.file, images, options);
  need_codes(trained);
  return {folder_name(folder), trained.encode(frames, all_frames(frames.size())), trained.kind() == "direction_tagger"};
}

ModelCode load_map_code(const std::filesystem::path& file, engram::Index frames) {
  auto map = engram::naming(file.string(), [&] { return engram::io::NpzReader(file).read("embedding").as<float>(); });
  engram::ensure<engram::ShapeError>(map.rank() == 2 && map.dim(0) == frames, file.string(), ": need a map [", frames,
                                     ", 2] of all frames, got ", map.shape());
  return {folder_name(std::filesystem::absolute(file).parent_path()) + "_map", std::move(map), false};
}

std::vector<ModelCode> load_codes(const std::vector<std::filesystem::path>& folders,
                                  const std::filesystem::path& images, const engram::data::FrameOptions& options) {
  check_folder_names(folders);
  std::vector<ModelCode> codes;
  for (const auto& folder : folders) {
    codes.push_back(load_code(folder, images, options));
  }
  return codes;
}

}  // namespace support
