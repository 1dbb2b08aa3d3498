#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/file.hpp>

// The parts of the ZIP format that .npz files use: stored and deflated members, ZIP64.
// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", 6.3.10.

namespace engram::io::zip {

inline constexpr std::uint32_t local_signature = 0x04034b50;
inline constexpr std::uint32_t descriptor_signature = 0x08074b50;
inline constexpr std::uint32_t central_signature = 0x02014b50;
inline constexpr std::uint32_t end64_signature = 0x06064b50;
inline constexpr std::uint32_t locator64_signature = 0x07064b50;
inline constexpr std::uint32_t end_signature = 0x06054b50;
inline constexpr std::uint64_t limit32 = 0xFFFFFFFF;
inline constexpr std::uint16_t stored = 0;
inline constexpr std::uint16_t deflated = 8;
inline constexpr std::uint16_t zip64_field = 1;
inline constexpr std::uint64_t largest_ratio = 1040;  ///< of contents to deflated bytes; the limit is 1032

/// One member of an archive, from its entry in the central directory.
struct Member {
  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = stored;
  std::uint32_t crc = 0;
  std::uint64_t compressed = 0;    ///< bytes in the file
  std::uint64_t uncompressed = 0;  ///< bytes of content
  std::uint64_t offset = 0;        ///< of the local header
};

/// Reads little-endian numbers from a record, front to back.
class Fields {
 public:
  explicit Fields(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::span<const std::byte> take(std::size_t count) {
    ensure<FormatError>(count <= bytes_.size(), "need a whole ZIP record, got one cut short");
    const auto head = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return head;
  }
  bool empty() const { return bytes_.empty(); }

 private:
  std::uint64_t number(std::size_t count) {
    std::uint64_t value = 0;
    const auto bytes = take(count);
    for (std::size_t i = 0; i < count; ++i) {
      value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return value;
  }

  std::span<const std::byte> bytes_;
};

namespace detail {

inline std::vector<std::byte> read_at(const InputFile& file, std::uint64_t offset, std::uint64_t count) {
  ensure<FormatError>(count <= file.size() && offset <= file.size() - count, "need ", count, " bytes at byte ", offset,
                      ", got a file of ", file.size(), " bytes: it is cut short or damaged");
  std::vector<std::byte> bytes(count);
  file.read(offset, bytes);
  return bytes;
}

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
};

/// Where the central directory is: the record at the end of the file says so.
inline Directory find_directory(const InputFile& file) {
  constexpr std::size_t record = 22;
  const std::size_t tail_size = std::min<std::size_t>(file.size(), record + 0xFFFF);
  const auto tail = read_at(file, file.size() - tail_size, tail_size);
  for (std::size_t at = tail_size < record ? 0 : tail_size - record + 1; at-- > 0;) {
    Fields fields(std::span<const std::byte>(tail).subspan(at));
    if (fields.u32() != end_signature) {
      continue;
    }
    fields.take(6);
    Directory found{fields.u16(), fields.u32(), fields.u32()};
    if (fields.u16() != tail_size - record - at) {
      continue;  // the comment must end with the file
    }
    const std::uint64_t position = file.size() - tail_size + at;
    if (found.entries == 0xFFFF || found.size == limit32 || found.offset == limit32) {
      ensure<FormatError>(position >= 20, "need a ZIP64 locator, got a file cut short");
      const auto locator_bytes = read_at(file, position - 20, 20);
      Fields locator(locator_bytes);
      ensure<FormatError>(locator.u32() == locator64_signature, "need a ZIP64 locator before the end record");
      locator.take(4);
      const auto end_bytes = read_at(file, locator.u64(), 56);
      Fields end(end_bytes);
      ensure<FormatError>(end.u32() == end64_signature, "need a ZIP64 end record where its locator points");
      end.take(28);
      found.entries = end.u64();
      found.size = end.u64();
      found.offset = end.u64();
    }
    return found;
  }
  fail<FormatError>("need an .npz (ZIP) file, got one without a ZIP directory at its end: other content, or cut short");
}

/// Replaces the sizes that do not fit in 32 bits by those of the ZIP64 extra field.
inline void apply_zip64(std::span<const std::byte> extra, Member& m) {
  Fields fields(extra);
  while (!fields.empty()) {
    const std::uint16_t id = fields.u16();
    Fields body(fields.take(fields.u16()));
    if (id != zip64_field) {
      continue;
    }
    for (std::uint64_t* value : {&m.uncompressed, &m.compressed, &m.offset}) {
      if (*value == limit32) {
        *value = body.u64();
      }
    }
  }
}

/// Where the member's content begins, after its local header.
/// @throws FormatError unless that header is there and has the name of the directory: no checksum covers the names, but
/// they are there twice
inline std::uint64_t find_content(const InputFile& file, const Member& member) {
  const auto header_bytes = read_at(file, member.offset, 30);
  Fields header(header_bytes);
  ensure<FormatError>(header.u32() == local_signature, "need a ZIP member where the directory points");
  header.take(22);
  const std::uint64_t name_size = header.u16();
  const std::uint64_t extra_size = header.u16();
  const auto name = read_at(file, member.offset + 30, name_size);
  ensure<FormatError>(std::string_view(reinterpret_cast<const char*>(name.data()), name.size()) == member.name,
                      "need a member called ", member.name,
                      " where the directory points, got another: the file is "
                      "damaged");
  return member.offset + 30 + name_size + extra_size;
}

}  // namespace detail

/// The members of an archive. @throws FormatError if the directory is damaged
inline std::vector<Member> read_directory(const InputFile& file) {
  const detail::Directory directory = detail::find_directory(file);
  const auto bytes = detail::read_at(file, directory.offset, directory.size);
  Fields fields(bytes);
  std::vector<Member> members;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    ensure<FormatError>(fields.u32() == central_signature, "need an entry of the ZIP directory, got other bytes");
    Member m;
    fields.take(4);
    m.flags = fields.u16();
    m.method = fields.u16();
    fields.take(4);
    m.crc = fields.u32();
    m.compressed = fields.u32();
    m.uncompressed = fields.u32();
    const std::size_t name_size = fields.u16();
    const std::size_t extra_size = fields.u16();
    const std::size_t comment_size = fields.u16();
    fields.take(8);
    m.offset = fields.u32();
    const auto name = fields.take(name_size);
    m.name.assign(reinterpret_cast<const char*>(name.data()), name.size());
    detail::apply_zip64(fields.take(extra_size), m);
    fields.take(comment_size);
    naming("member " + m.name, [&] { return detail::find_content(file, m); });
    members.push_back(std::move(m));
  }
  ensure<FormatError>(fields.empty(), "need a ZIP directory of ", directory.entries, " entries, got a longer one");
  return members;
}

/// The content of one member, inflated as it is read; the checksum is compared at the end.
class MemberStream {
 public:
  /// @throws FormatError if the member is encrypted, compressed otherwise, or lies outside of the file
  MemberStream(const InputFile& file, const Member& member) : file_(file), member_(member), left_(member.compressed) {
    ensure<FormatError>((member.flags & 1) == 0, "need a member that is not encrypted");
    ensure<FormatError>(member.method == stored || member.method == deflated,
                        "need a stored or deflated member, got compression method ", member.method);
    position_ = detail::find_content(file, member);
    ensure<FormatError>(left_ <= file.size() && position_ <= file.size() - left_, "need ", left_,
                        " bytes of compressed data, got a file cut short");
    const bool plausible =
        member.method == stored ? member.uncompressed == left_ : member.uncompressed / largest_ratio <= left_;
    ensure<FormatError>(plausible, "need a plausible size, got ", member.uncompressed, " bytes from ", left_,
                        " compressed ones");
    if (member.method == deflated) {
      ensure<Error>(inflateInit2(&stream_, -MAX_WBITS) == Z_OK, "zlib cannot start");
      inflating_ = true;
    }
  }
  MemberStream(const MemberStream&) = delete;
  MemberStream& operator=(const MemberStream&) = delete;
  ~MemberStream() {
    if (inflating_) {
      inflateEnd(&stream_);
    }
  }

  /// Fills `bytes` with what comes next.
  void read(std::span<std::byte> bytes) {
    constexpr std::size_t chunk = std::size_t{1} << 20;
    while (!bytes.empty()) {
      const auto part = bytes.first(std::min(bytes.size(), chunk));
      if (inflating_) {
        inflate_into(part);
      } else {
        file_.read(position_, part);
        position_ += part.size();
      }
      crc_ = crc32_z(crc_, reinterpret_cast<const Bytef*>(part.data()), part.size());
      bytes = bytes.subspan(part.size());
    }
  }

  /// @throws FormatError unless the checksum agrees
  void finish() const {
    ensure<FormatError>(crc_ == member_.crc, "need the checksum ", member_.crc, ", got ", crc_,
                        ": the file is damaged");
  }

 private:
  void inflate_into(std::span<std::byte> part) {
    stream_.next_out = reinterpret_cast<Bytef*>(part.data());
    stream_.avail_out = static_cast<uInt>(part.size());
    while (stream_.avail_out > 0) {
      if (stream_.avail_in == 0) {  // even if nothing is left to feed, zlib may still hold output back
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size()));
        file_.read(position_, std::span(input_).first(count));
        position_ += count;
        left_ -= count;
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(count);
      }
      const int status = inflate(&stream_, Z_NO_FLUSH);
      ensure<FormatError>(status != Z_BUF_ERROR, "need more compressed data: the file is damaged");
      ensure<FormatError>(status == Z_OK || (status == Z_STREAM_END && stream_.avail_out == 0),
                          "need valid compressed data, got damaged ones");
    }
  }

  const InputFile& file_;
  Member member_;
  std::uint64_t position_ = 0;
  std::uint64_t left_;
  z_stream stream_{};
  bool inflating_ = false;
  uLong crc_ = 0;
  std::array<std::byte, std::size_t{1} << 16> input_{};
};

}  // namespace engram::io::zip
