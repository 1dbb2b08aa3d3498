#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/crc32c.hpp>
#include <engram/io/image.hpp>
#include <engram/io/npy_codec.hpp>
#include <engram/io/protobuf.hpp>

// The messages of TensorBoard's event files. Field numbers from tensorboard/compat/proto/event.proto and summary.proto.

namespace engram::io::detail {

/// A record of a TFRecord file: length (8 bytes), its checksum, content, its checksum; little-endian. Checksums are
/// CRC-32C, rotated right by 15 bits plus 0xA282EAD8.
/// Source: TensorFlow, core/lib/io/record_writer.h and core/lib/hash/crc32c.h.
inline std::string tf_record(std::string_view content) {
  const auto append = [](std::string& out, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) {
      out += static_cast<char>(value >> (8 * i) & 0xFF);
    }
  };
  const auto checksum = [](std::string_view bytes) {
    const std::uint32_t crc = crc32c(std::as_bytes(std::span(bytes.data(), bytes.size())));
    return static_cast<std::uint32_t>((crc >> 15 | crc << 17) + 0xA282EAD8u);
  };
  std::string record;
  append(record, content.size(), 8);
  append(record, checksum(record), 4);
  record += content;
  append(record, checksum(content), 4);
  return record;
}

/// Event { wall_time = 1, step = 2 }; a step of 0 is the field's default and left out.
inline ProtobufMessage event(double wall_time, Index step) {
  ProtobufMessage message;
  message.float64(1, wall_time);
  if (step != 0) {
    message.integer(2, step);
  }
  return message;
}

/// The first event of a file: Event { file_version = 3 }.
inline ProtobufMessage version_event(double wall_time) {
  return event(wall_time, 0).text(3, "brain.Event:2");
}

/// Event { session_log = 7: SessionLog { status = 1: START } }: a training starts; where one has started
/// before, what was said of `step` and later ones is void.
inline ProtobufMessage start_event(double wall_time, Index step) {
  return event(wall_time, step).message(7, ProtobufMessage().integer(1, 1));
}

/// Event { summary = 5: Summary { value = 1 } }.
inline ProtobufMessage summary_event(double wall_time, Index step, const ProtobufMessage& value) {
  return event(wall_time, step).message(5, ProtobufMessage().message(1, value));
}

/// Summary.Value { tag = 1 }. @throws ArgumentError for a tag that is empty or not UTF-8
inline ProtobufMessage tagged(std::string_view tag) {
  bool readable = !tag.empty();
  try {
    (void)decode_utf8(tag);
  } catch (const ArgumentError&) {
    readable = false;
  }
  ensure<ArgumentError>(readable, "TensorBoardWriter: need a tag in UTF-8 that is not empty, got '", tag, "'");
  return ProtobufMessage().text(1, tag);
}

/// Summary.Value { simple_value = 2 }: what today's TensorBoard shows under Scalars and Time Series, as do older ones.
inline ProtobufMessage scalar_value(std::string_view tag, double value) {
  return tagged(tag).float32(2, static_cast<float>(value));
}

/// Summary.Value { image = 4: Image { height = 1, width = 2, colorspace = 3, encoded_image_string = 4 } }.
/// @param pixels  [H, W], [1, H, W] or [3, H, W]
inline ProtobufMessage image_value(std::string_view tag, const Tensor<std::uint8_t>& pixels) {
  const std::string png = encode_png(pixels, "TensorBoardWriter");
  const Index channels = pixels.rank() == 2 ? 1 : pixels.dim(0);
  return tagged(tag).message(
      4, ProtobufMessage().integer(1, pixels.dim(-2)).integer(2, pixels.dim(-1)).integer(3, channels).text(4, png));
}

/// Summary.Value { histo = 5: HistogramProto { min = 1, max = 2, num = 3, sum = 4, sum_squares = 5, bucket_limit = 6,
/// bucket = 7 } }, with 30 buckets of equal width; with one if all values are the same.
template <std::floating_point T>
ProtobufMessage histogram_value(std::string_view tag, std::span<const T> values) {
  ensure<ArgumentError>(!values.empty(), "TensorBoardWriter: need values for a histogram, got none");
  double sum = 0;
  double squares = 0;
  for (const T v : values) {
    ensure<ArgumentError>(std::isfinite(v), "TensorBoardWriter: need finite values for a histogram, got ", v);
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  ensure<ArgumentError>(std::isfinite(squares),
                        "TensorBoardWriter: need values for a histogram whose squares have a finite sum, got one that "
                        "overflows");
  const auto [least, largest] = std::ranges::minmax_element(values);
  const auto min = static_cast<double>(*least);
  const auto max = static_cast<double>(*largest);
  constexpr std::size_t most = 30;
  const std::size_t count = min < max ? most : 1;
  std::array<double, most> limits{};
  std::array<double, most> buckets{};
  for (std::size_t i = 0; i < count; ++i) {
    limits[i] = i + 1 == count ? max : min + static_cast<double>(i + 1) * (max - min) / static_cast<double>(count);
  }
  for (const T v : values) {
    const auto above =
        std::upper_bound(limits.begin(), limits.begin() + static_cast<Index>(count) - 1, static_cast<double>(v));
    buckets[static_cast<std::size_t>(above - limits.begin())] += 1;
  }
  return tagged(tag).message(5, ProtobufMessage()
                                    .float64(1, min)
                                    .float64(2, max)
                                    .float64(3, static_cast<double>(values.size()))
                                    .float64(4, sum)
                                    .float64(5, squares)
                                    .float64s(6, std::span(limits).first(count))
                                    .float64s(7, std::span(buckets).first(count)));
}

}  // namespace engram::io::detail
