// make_seeds CORPUS: writes small files of each format, from which the fuzzer starts, to CORPUS/FORMAT/.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>
#include <engram/io/zip_writer.hpp>

#include "fuzz/repair_checksums.hpp"
#include "support/sample_files.hpp"
#include "support/temporary_folder.hpp"

#ifdef ENGRAM_FUZZ_TIFF
#include <engram/io/tiff.hpp>
#endif
#ifdef ENGRAM_FUZZ_HDF5
#include <hdf5.h>
#endif

namespace {

namespace zip = engram::io::zip;

/// An archive without compression: what changes in it changes the content.
void store(const std::filesystem::path& path) {
  const engram::io::InputFile file(path);
  zip::Writer out(path, zip::stored);
  for (const zip::Member& member : zip::read_directory(file)) {
    std::vector<std::byte> content(member.uncompressed);
    zip::MemberStream(file, member).read(content);
    out.add(member.name, content.size(), [&](auto write) { write(content); });
  }
  out.commit();
}

void write_more(const std::filesystem::path& folder) {
  engram::io::write_atomically(
      folder / "tracks.deeplabcut",
      "scorer,net,net,net\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood\n0,1,2.5,0.9\n1,,,\n");
  engram::io::write_atomically(folder / "tracks.deeplabcut_animals",
                               "scorer,net,net\nindividuals,rat,rat\nbodyparts,nose,nose\ncoords,x,y\n0,1,2.5\n");
  engram::io::write_atomically(folder / "tracks.sleap",
                               "track,frame_idx,instance.score,nose.x,nose.y,nose.score\nrat,0,0.9,1,2,0.8\n,2,,,,\n");
  engram::io::write_atomically(folder / "tracks.plain", "frame,nose_x,nose_y,\"a, b\"\n0,1,2,3\n3,nan,NA,+4\n");
  const auto frames = engram::Tensor<std::uint8_t>::full({2, 3, 4}, 7);
  const auto labels = engram::Tensor<double>::full({2, 3}, 0.5);
  const std::vector<std::string> columns{"x", "y", "angle"};
  engram::io::write_npy(folder / "frames.npy", frames);
  engram::io::write_npy(folder / "labels.npy", labels);
  for (const char* name : {"frames.npz", "labels.npz"}) {
    engram::io::NpzWriter file(folder / name, engram::io::Compression::stored);
    file.add("images", frames);
    file.add("labels", labels);
    file.add("columns", std::span<const std::string>(columns));
    file.commit();
  }
  engram::io::write_atomically(folder / "movie.two", "P5\n3 2\n255\nabcdefP5\n3 2\n255\nABCDEF");
#ifdef ENGRAM_FUZZ_TIFF
  engram::io::write_tiff(folder / "tiff.stack", engram::Tensor<std::uint16_t>::full({2, 3, 4}, 513));
#endif
#ifdef ENGRAM_FUZZ_HDF5
  const hid_t file = H5Fcreate((folder / "hdf5.frames").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const std::vector<hsize_t> extents{1, 2, 3};
  const hid_t space = H5Screate_simple(3, extents.data(), nullptr);
  const hid_t set = H5Dcreate2(file, "frames", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const std::vector<std::uint8_t> frames{0, 1, 2, 3, 4, 255};
  H5Dwrite(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, frames.data());
  H5Dclose(set);
  H5Sclose(space);
  H5Fclose(file);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_seeds CORPUS\n");
    return 2;
  }
  const TemporaryFolder folder;
  support::write_sample_files(folder.path());
  write_more(folder.path());
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const std::string format = entry.path().stem().string();
    if (fuzz::is_npz(format) && format != "npz") {
      store(entry.path());
    }
    const auto target = std::filesystem::path(argv[1]) / format;
    std::filesystem::create_directories(target);
    std::filesystem::copy_file(entry.path(), target / entry.path().extension().string().substr(1),
                               std::filesystem::copy_options::overwrite_existing);
  }
  return 0;
}
