#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/io/array.hpp>
#include <engram/io/file.hpp>
#include <engram/io/npy_codec.hpp>
#include <engram/io/safetensors_types.hpp>

namespace engram::io {

namespace detail {

inline std::vector<std::byte> widen_brain_floats(const std::vector<std::byte>& brain) {
  std::vector<std::byte> out(brain.size() * 2);  // the upper halves of singles
  for (std::size_t i = 0; i + 1 < brain.size(); i += 2) {
    std::memcpy(out.data() + 2 * i + 2, brain.data() + i, 2);
  }
  return out;
}

}  // namespace detail

/// Tensors by name from a .safetensors file, Hugging Face's format for weights. Only the header is read at first.
/// It needs nlohmann-json.
///
/// A header that does not describe the file to the last byte is refused: tensors must lie one after another, and no
/// name may be there twice. So is a file that does not agree with the checksum that SafetensorsWriter adds; files from
/// elsewhere have none. Source: the format's description in the README of github.com/huggingface/safetensors.
class SafetensorsReader {
 public:
  /// @throws IoError, FormatError naming the file and what is wrong with it
  explicit SafetensorsReader(const std::filesystem::path& path) : file_(path) {
    naming(path.string(), [&] { read_header(); });
  }

  const std::filesystem::path& path() const { return file_.path(); }
  /// In the order of their places in the file.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(std::string_view name) const { return entries_.contains(std::string(name)); }
  /// The texts under "__metadata__" but the checksum.
  const std::map<std::string, std::string>& metadata() const& { return metadata_; }
  const std::map<std::string, std::string>& metadata() const&& = delete;

  /// @throws FormatError if there is no such tensor (the text lists some that there are); IoError
  Array read(std::string_view name) const {
    const auto found = entries_.find(std::string(name));
    if (found == entries_.end()) {
      fail<FormatError>(path().string(), ": need a tensor called ", name, ", got ", detail::name_list(names_, 12));
    }
    const Entry& entry = found->second;
    std::vector<std::byte> bytes(entry.end - entry.begin);
    file_.read(data_begin_ + entry.begin, bytes);
    if (entry.type.name == "F16") {
      bytes = detail::widen_halves(bytes);
    } else if (entry.type.name == "BF16") {
      bytes = detail::widen_brain_floats(bytes);
    }
    return {.dtype = entry.type.dtype, .shape = entry.shape, .bytes = std::move(bytes), .strings = {}};
  }

  /// The numbers of a tensor. @throws FormatError if T cannot hold them
  template <class T>
  Tensor<T> read(std::string_view name) const {
    const Array array = read(name);
    return naming(text(path().string(), ": tensor ", name), [&] { return array.as<T>(); });
  }

 private:
  struct Entry {
    detail::SafetensorsType type;
    Shape shape;
    std::size_t begin;  ///< in the data, which follow the header
    std::size_t end;
  };

  void read_header() {
    constexpr std::uint64_t longest = 100'000'000;
    std::uint64_t length = 0;
    file_.read(0, std::as_writable_bytes(std::span(&length, 1)));
    ensure<FormatError>((length & 0xFFFFFFFF) != 0x04034b50,
                        "need a .safetensors file, got a ZIP archive, such as .npz "
                        "files and those of torch.save");
    ensure<FormatError>(length <= longest && length <= file_.size() - sizeof length, "need a header of at most ",
                        std::min<std::uint64_t>(longest, file_.size() - sizeof length), " bytes, got ", length);
    std::string header(length, '\0');
    file_.read(sizeof length, std::as_writable_bytes(std::span(header)));
    data_begin_ = sizeof length + length;
    const nlohmann::json parsed = parse(header);
    for (const auto& [name, value] : parsed.items()) {
      if (name == "__metadata__") {
        read_metadata(value);
      } else {
        naming("tensor " + name, [&, &key = name, &of = value] { entries_.emplace(key, entry(of)); });
        names_.push_back(name);
      }
    }
    std::ranges::sort(names_, {}, [&](const std::string& name) {
      const Entry& e = entries_.at(name);
      return std::pair(e.begin, e.end);
    });
    std::size_t at = 0;
    for (const std::string& name : names_) {
      const Entry& e = entries_.at(name);
      ensure<FormatError>(e.begin == at, "need tensors one after another, got ", name, " at byte ", e.begin,
                          " of the data, where ", at, " is next");
      at = e.end;
    }
    ensure<FormatError>(at == file_.size() - data_begin_, "need ", at, " bytes of data as the header says, got ",
                        file_.size() - data_begin_);
    if (metadata_.erase(std::string(detail::safetensors_checksum)) > 0) {
      const std::size_t digits = detail::find_checksum(header);
      ensure<FormatError>(digits != header.npos, "need the checksum ", detail::safetensors_checksum,
                          " as it was written, got it in other words: the file was changed by a program that kept the "
                          "metadata");
      check(header, digits);
    }
  }

  /// @throws FormatError unless the checksum agrees
  void check(const std::string& header, std::size_t digits) const {
    std::uint32_t crc = detail::header_crc(header, digits);
    std::vector<std::byte> part(std::size_t{1} << 20);
    for (std::size_t at = data_begin_; at < file_.size(); at += part.size()) {
      part.resize(std::min(part.size(), file_.size() - at));
      file_.read(at, part);
      crc = crc32c(part, crc);
    }
    const std::string found = header.substr(digits, detail::no_checksum.size());
    ensure<FormatError>(detail::checksum_text(crc) == found, "need the checksum ", found, " (",
                        detail::safetensors_checksum, "), got ", detail::checksum_text(crc),
                        ": the file is damaged, or was changed by a program that kept the metadata");
  }

  /// @throws FormatError for a text that is not JSON, not an object, has a name twice or lists within lists, which
  /// would take memory
  static nlohmann::json parse(const std::string& header) {
    std::size_t names = 0;
    nlohmann::json parsed;
    try {
      parsed = nlohmann::json::parse(header, [&](int depth, auto event, const nlohmann::json&) {
        names += event == nlohmann::json::parse_event_t::key ? 1 : 0;
        ensure<FormatError>(depth <= 3, "need a header of lists at most, got lists within lists");
        return true;
      });
    } catch (const nlohmann::json::exception& error) {
      fail<FormatError>("need a header of JSON, got ", std::string_view(error.what()).substr(0, 200));
    }
    ensure<FormatError>(parsed.is_object(), "need a header that is a JSON object, got ", parsed.type_name());
    std::size_t kept = parsed.size();
    for (const auto& value : parsed) {
      kept += value.is_object() ? value.size() : 0;
    }
    ensure<FormatError>(kept == names, "need a header without a name twice");
    return parsed;
  }

  void read_metadata(const nlohmann::json& value) {
    ensure<FormatError>(value.is_object(), "need __metadata__ of texts by name");
    for (const auto& [key, text] : value.items()) {
      ensure<FormatError>(text.is_string(), "need a text for ", key, " in __metadata__, got ", text.type_name());
      metadata_.emplace(key, text.get<std::string>());
    }
  }

  /// A list of integers >= 0.
  static std::vector<Index> numbers(const nlohmann::json& value, std::string_view key) {
    ensure<FormatError>(value.is_object() && value.contains(key) && value[key].is_array(), "need a list ", key);
    std::vector<Index> out;
    for (const auto& number : value[key]) {
      ensure<FormatError>(number.is_number_unsigned() && number.template get<std::uint64_t>() <= INT64_MAX, "need ",
                          key, " of integers from 0 to 2^63 - 1");
      out.push_back(number.template get<Index>());
    }
    return out;
  }

  static Entry entry(const nlohmann::json& value) {
    const std::vector<Index> extents = numbers(value, "shape");
    const std::vector<Index> offsets = numbers(value, "data_offsets");
    ensure<FormatError>(value.contains("dtype") && value["dtype"].is_string(), "need a dtype");
    const auto name = value["dtype"].get<std::string>();
    const auto* const type = std::ranges::find(detail::safetensors_types, name, &detail::SafetensorsType::name);
    ensure<FormatError>(type != detail::safetensors_types.end(),
                        "need the dtype F64, F32, F16, BF16, I64 to I8, U64 to U8 or BOOL, got ", name);
    ensure<FormatError>(offsets.size() == 2 && offsets[0] <= offsets[1], "need two data_offsets that rise");
    ensure<FormatError>(std::ssize(extents) <= Shape::max_rank, "need at most ", Shape::max_rank, " axes, got ",
                        extents.size());
    auto bytes = static_cast<Index>(type->size);
    bool empty = false;
    for (const Index extent : extents) {
      empty = empty || extent == 0;
      const Index factor = std::max<Index>(extent, 1);  // so that what stands beside a 0 is looked at too
      ensure<FormatError>(bytes <= INT64_MAX / factor, "need a shape that memory can hold");
      bytes *= factor;
    }
    bytes = empty ? 0 : bytes;
    ensure<FormatError>(bytes == offsets[1] - offsets[0], "need ", bytes, " bytes for its shape, got data_offsets ",
                        offsets[0], " and ", offsets[1]);
    return {*type, Shape(std::span<const Index>(extents)), static_cast<std::size_t>(offsets[0]),
            static_cast<std::size_t>(offsets[1])};
  }

  InputFile file_;
  std::size_t data_begin_ = 0;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace engram::io
