#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/safetensors_types.hpp>

namespace engram::io {

/// Writes tensors by name to a .safetensors file, with a checksum of it among the metadata that SafetensorsReader
/// compares. The file appears on commit, see AtomicFile.
class SafetensorsWriter {
 public:
  /// @throws ArgumentError if the name has been used or is none for a tensor
  template <class T>
  void add(const std::string& name, const Tensor<T>& values) {
    ensure<ArgumentError>(name != "__metadata__" && std::ranges::find(tensors_, name, &Entry::name) == tensors_.end(),
                          "SafetensorsWriter: need a new name, got ", name);
    const auto* const type =
        std::ranges::find(detail::safetensors_types, detail::dtype_of<T>(), &detail::SafetensorsType::dtype);
    const auto bytes = std::as_bytes(values.elements());
    tensors_.push_back({name, *type, values.shape(), {bytes.begin(), bytes.end()}});
  }

  /// A text under "__metadata__".
  /// @throws ArgumentError for the name of the checksum
  void set_metadata(const std::string& key, const std::string& value) {
    ensure<ArgumentError>(key != detail::safetensors_checksum, "SafetensorsWriter: need another name for a text, got ",
                          key, ", the checksum's");
    metadata_[key] = value;
  }

  /// Writes the file.
  /// @throws IoError if it cannot be written; what was there before is then still there. ArgumentError for names and
  /// metadata that are not UTF-8
  void commit(const std::filesystem::path& path) const {
    std::vector<const Entry*> entries;  // by falling size of elements, so that each tensor is aligned
    for (const Entry& entry : tensors_) {
      entries.push_back(&entry);
    }
    std::ranges::stable_sort(entries, std::ranges::greater(), [](const Entry* entry) { return entry->type.size; });
    auto header = nlohmann::ordered_json::object();
    header["__metadata__"] = metadata_;
    header["__metadata__"][std::string(detail::safetensors_checksum)] = detail::no_checksum;
    std::size_t end = 0;
    for (const Entry* entry : entries) {
      const std::size_t begin = std::exchange(end, end + entry->bytes.size());
      header[entry->name] = {{"dtype", entry->type.name},
                             {"shape", std::vector<Index>(entry->shape.begin(), entry->shape.end())},
                             {"data_offsets", {begin, end}}};
    }
    write(path, with_checksum(text_of(header, path), entries), entries);
  }

 private:
  struct Entry {
    std::string name;
    detail::SafetensorsType type;
    Shape shape;
    std::vector<std::byte> bytes;
  };

  /// The header, filled up with spaces so that the data after it are aligned.
  static std::string text_of(const nlohmann::ordered_json& header, const std::filesystem::path& path) {
    std::string text;
    try {
      text = header.dump();
    } catch (const nlohmann::json::exception& error) {
      fail<ArgumentError>(path.string(), ": need names and metadata in UTF-8: ", error.what());
    }
    return text.append((8 - text.size() % 8) % 8, ' ');
  }

  static std::string with_checksum(std::string header, const std::vector<const Entry*>& entries) {
    const std::size_t digits = detail::find_checksum(header);
    std::uint32_t crc = detail::header_crc(header, digits);
    for (const Entry* entry : entries) {
      crc = crc32c(entry->bytes, crc);
    }
    return header.replace(digits, detail::no_checksum.size(), detail::checksum_text(crc));
  }

  static void write(const std::filesystem::path& path, std::string_view header,
                    const std::vector<const Entry*>& entries) {
    const std::uint64_t length = header.size();
    AtomicFile file(path);
    file.write(std::as_bytes(std::span(&length, 1)));
    file.write(header);
    for (const Entry* entry : entries) {
      file.write(entry->bytes);
    }
    file.commit();
  }

  std::map<std::string, std::string> metadata_;
  std::vector<Entry> tensors_;
};

}  // namespace engram::io
