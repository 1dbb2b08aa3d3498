#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/io/atomic_file.hpp>
#include <engram/io/zip.hpp>

namespace engram::io::zip {

/// Appends little-endian numbers to a record.
class Record {
 public:
  Record& u16(std::uint64_t value) { return number(value, 2); }
  Record& u32(std::uint64_t value) { return number(value, 4); }
  Record& u64(std::uint64_t value) { return number(value, 8); }
  Record& text(std::string_view value) {
    bytes_ += value;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Record& number(std::uint64_t value, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      bytes_ += static_cast<char>(value >> (8 * i) & 0xFF);
    }
    return *this;
  }

  std::string bytes_;
};

/// Writes an archive from front to back; atomic, see AtomicFile. The same content gives the same bytes.
class Writer {
 public:
  Writer(std::filesystem::path path, std::uint16_t method) : file_(std::move(path)), method_(method) {}

  const std::vector<Member>& members() const { return members_; }

  /// Adds a member whose content is what `produce` hands, piece by piece, to the function it is given.
  /// @param size  bytes of content, at least roughly: it decides whether the member needs ZIP64
  template <class Produce>
  void add(std::string name, std::uint64_t size, Produce produce) {
    ensure<ArgumentError>(name.size() <= 0xFFFF, "ZIP: need a member's name of at most 65,535 bytes, got ",
                          name.size());
    const bool ascii = std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const std::uint16_t flags = ascii ? 8 : 8 | 0x800;  // sizes follow the content; the name is UTF-8
    Member m{.name = std::move(name), .flags = flags, .method = method_, .offset = file_.size()};
    const bool large = size + size / 1000 + 1024 >= limit32;
    file_.write(Record()
                    .u32(local_signature)
                    .u16(large ? 45 : 20)
                    .u16(m.flags)
                    .u16(m.method)
                    .u16(0)
                    .u16(date)
                    .u32(0)
                    .u32(large ? limit32 : 0)
                    .u32(large ? limit32 : 0)
                    .u16(m.name.size())
                    .u16(large ? 20 : 0)
                    .text(m.name)
                    .bytes());
    if (large) {
      file_.write(Record().u16(zip64_field).u16(16).u64(0).u64(0).bytes());
    }
    const std::uint64_t begin = file_.size();
    {
      Compressor out(file_, m.method);
      produce([&](std::span<const std::byte> bytes) {
        if (bytes.empty()) {
          return;  // crc32_z takes a null pointer for a request to start anew
        }
        m.crc = static_cast<std::uint32_t>(crc32_z(m.crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
        m.uncompressed += bytes.size();
        out.write(bytes, Z_NO_FLUSH);
      });
      out.write({}, Z_FINISH);
    }
    m.compressed = file_.size() - begin;
    Record descriptor;
    descriptor.u32(descriptor_signature).u32(m.crc);
    large ? descriptor.u64(m.compressed).u64(m.uncompressed) : descriptor.u32(m.compressed).u32(m.uncompressed);
    file_.write(descriptor.bytes());
    members_.push_back(std::move(m));
  }

  /// Writes the directory and puts the file in its place.
  void commit() {
    const std::uint64_t begin = file_.size();
    for (const Member& m : members_) {
      write_entry(m);
    }
    const std::uint64_t size = file_.size() - begin;
    const std::uint64_t count = members_.size();
    if (count >= 0xFFFF || begin >= limit32 || size >= limit32) {
      const std::uint64_t end = file_.size();
      file_.write(Record()
                      .u32(end64_signature)
                      .u64(44)
                      .u16(45)
                      .u16(45)
                      .u32(0)
                      .u32(0)
                      .u64(count)
                      .u64(count)
                      .u64(size)
                      .u64(begin)
                      .u32(locator64_signature)
                      .u32(0)
                      .u64(end)
                      .u32(1)
                      .bytes());
    }
    file_.write(Record()
                    .u32(end_signature)
                    .u16(0)
                    .u16(0)
                    .u16(std::min<std::uint64_t>(count, 0xFFFF))
                    .u16(std::min<std::uint64_t>(count, 0xFFFF))
                    .u32(std::min(size, limit32))
                    .u32(std::min(begin, limit32))
                    .u16(0)
                    .bytes());
    file_.commit();
  }

 private:
  static constexpr std::uint16_t date = 1 << 5 | 1;  // 1980-01-01: the content alone decides the bytes

  class Compressor {
   public:
    Compressor(AtomicFile& file, std::uint16_t method) : file_(file), deflating_(method == deflated) {
      if (deflating_) {
        ensure<Error>(
            deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK,
            "zlib cannot start");
      }
    }
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
    ~Compressor() {
      if (deflating_) {
        deflateEnd(&stream_);
      }
    }

    void write(std::span<const std::byte> bytes, int flush) {
      if (!deflating_) {
        file_.write(bytes);
        return;
      }
      do {
        const auto part = bytes.first(std::min(bytes.size(), std::size_t{1} << 24));
        bytes = bytes.subspan(part.size());
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(part.data()));
        stream_.avail_in = static_cast<uInt>(part.size());
        do {
          stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
          stream_.avail_out = static_cast<uInt>(output_.size());
          ensure<Error>(deflate(&stream_, flush) != Z_STREAM_ERROR, "zlib cannot go on");
          file_.write(std::span<const std::byte>(output_).first(output_.size() - stream_.avail_out));
        } while (stream_.avail_out == 0);
      } while (!bytes.empty());
    }

   private:
    AtomicFile& file_;
    bool deflating_;
    z_stream stream_{};
    std::array<std::byte, std::size_t{1} << 16> output_{};
  };

  void write_entry(const Member& m) {
    Record extra;
    for (const std::uint64_t value : {m.uncompressed, m.compressed, m.offset}) {
      if (value >= limit32) {
        extra.u64(value);
      }
    }
    const std::size_t extra_size = extra.bytes().empty() ? 0 : 4 + extra.bytes().size();
    file_.write(Record()
                    .u32(central_signature)
                    .u16(45)
                    .u16(extra_size > 0 ? 45 : 20)
                    .u16(m.flags)
                    .u16(m.method)
                    .u16(0)
                    .u16(date)
                    .u32(m.crc)
                    .u32(std::min(m.compressed, limit32))
                    .u32(std::min(m.uncompressed, limit32))
                    .u16(m.name.size())
                    .u16(extra_size)
                    .u16(0)
                    .u16(0)
                    .u16(0)
                    .u32(0)
                    .u32(std::min(m.offset, limit32))
                    .text(m.name)
                    .bytes());
    if (extra_size > 0) {
      file_.write(Record().u16(zip64_field).u16(extra.bytes().size()).text(extra.bytes()).bytes());
    }
  }

  AtomicFile file_;
  std::uint16_t method_;
  std::vector<Member> members_;
};

}  // namespace engram::io::zip
