#pragma once

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/io/file.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/zip_writer.hpp>

namespace engram::io {

/// Arrays by name, as numpy.savez and numpy.savez_compressed write them. Only the directory is read at first.
class NpzReader {
 public:
  /// @throws IoError, FormatError naming the file and what is wrong with it
  explicit NpzReader(const std::filesystem::path& path) : file_(path) {
    members_ = naming(path.string(), [&] { return zip::read_directory(file_); });
    for (const zip::Member& member : members_) {
      std::string name = member.name;
      if (name.ends_with(".npy")) {
        name.resize(name.size() - 4);
      }
      names_.push_back(std::move(name));
    }
    const std::set<std::string_view> different(names_.begin(), names_.end());
    ensure<FormatError>(different.size() == names_.size(), path.string(), ": need arrays of different names, got ",
                        names_.size(), " of ", different.size(), " names");
  }

  const std::filesystem::path& path() const& { return file_.path(); }
  const std::filesystem::path& path() const&& = delete;

  /// Names of the arrays, in the file's order.
  const std::vector<std::string>& names() const& { return names_; }
  const std::vector<std::string>& names() const&& = delete;
  bool contains(std::string_view name) const { return std::ranges::find(names_, name) != names_.end(); }
  /// Bytes of all arrays when unpacked, at most: what the directory claims, if the file can hold it.
  std::uint64_t size_bytes() const {
    const std::uint64_t most = zip::largest_ratio * file_.size();
    std::uint64_t claimed = 0;
    for (const zip::Member& member : members_) {
      claimed += std::min(member.uncompressed, most - claimed);
    }
    return claimed;
  }

  /// @throws FormatError if there is no such array (the text lists those that there are), or it is damaged
  Array read(std::string_view name) const {
    const auto found = std::ranges::find(names_, name);
    if (found == names_.end()) {
      fail<FormatError>(path().string(), ": need an array called ", name, ", got ", detail::name_list(names_, 12));
    }
    return naming(text(path().string(), ": array ", name), [&] {
      const zip::Member& member = members_[static_cast<std::size_t>(found - names_.begin())];
      zip::MemberStream stream(file_, member);
      Array array = detail::read_npy(
          detail::ByteStream{member.uncompressed, [&](std::span<std::byte> bytes) { stream.read(bytes); }});
      stream.finish();
      return array;
    });
  }

  /// The numbers of an array. @throws FormatError if it is one of text, or T cannot hold them
  template <class T>
  Tensor<T> read(std::string_view name) const {
    const Array array = read(name);
    return naming(text(path().string(), ": array ", name), [&] { return array.as<T>(); });
  }

 private:
  InputFile file_;
  std::vector<zip::Member> members_;
  std::vector<std::string> names_;
};

enum class Compression { stored, deflate };

/// Writes arrays by name; numpy.load reads them. The file appears on commit, see AtomicFile.
class NpzWriter {
 public:
  /// @throws IoError if the folder does not exist or cannot be written
  explicit NpzWriter(const std::filesystem::path& path, Compression compression = Compression::deflate)
      : zip_(path, compression == Compression::deflate ? zip::deflated : zip::stored) {}

  /// @throws ArgumentError if the name has been used or has more than 65,531 bytes, or after the commit; IoError if the
  /// file cannot be written
  template <class T>
  void add(std::string_view name, const Tensor<T>& values) {
    add_member(name, values.elements().size_bytes() + 1024, [&](auto write) { detail::write_npy(values, write); });
  }
  void add(std::string_view name, std::span<const std::string> strings) {
    std::size_t longest = 1;
    for (const std::string& s : strings) {
      longest = std::max(longest, s.size());
    }
    add_member(name, 4 * longest * strings.size() + 1024, [&](auto write) { detail::write_npy(strings, write); });
  }

  /// Completes the file and puts it in its place.
  /// @throws IoError if it cannot be written; what was there before is then still there
  void commit() { zip_.commit(); }

 private:
  template <class Produce>
  void add_member(std::string_view name, std::uint64_t size, Produce produce) {
    const std::string member = std::string(name) + ".npy";
    for (const zip::Member& m : zip_.members()) {
      ensure<ArgumentError>(m.name != member, "NpzWriter: need a new name, got ", name, " twice");
    }
    zip_.add(member, size, produce);
  }

  zip::Writer zip_;
};

}  // namespace engram::io
