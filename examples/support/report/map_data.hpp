// A map's numbers and pictures as they lie in the page, for report.js.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/point_colors.hpp>

#include "support/report/atlas.hpp"
#include "support/report/html.hpp"
#include "support/report/map.hpp"

namespace support {

namespace detail {

constexpr engram::Index shades = 256;  ///< of a colour bar or wheel

/// "#RRGGBB".
inline std::string css_color(const engram::plot::Color& color) {
  const auto level = [](double part) { return static_cast<unsigned>(std::lround(255 * part)); };
  char code[8];
  std::snprintf(code, sizeof code, "#%02X%02X%02X", level(color.red) & 255, level(color.green) & 255,
                level(color.blue) & 255);
  return code;
}

/// JSON that can stand inside a script element, whatever its texts hold.
inline std::string script_json(const nlohmann::json& value) {
  using Handler = nlohmann::json::error_handler_t;
  std::string out = value.dump(-1, ' ', false, Handler::replace);
  for (std::size_t at = out.find('<'); at != out.npos; at = out.find('<', at)) {
    out.replace(at, 1, "\\u003c");
  }
  return out;
}

/// Puts bytes into the page under an id, where they cost nothing until they are asked for.
inline void write_data(engram::io::AtomicFile& out, std::string_view id, std::span<const std::byte> bytes) {
  out.write(engram::text("<script type=\"text/plain\" id=\"", id, "\">"));
  out.write(base64(bytes));
  out.write("</script>\n");
}

/// Points as 16-bit numbers (little-endian, as typed arrays are on today's machines): 0 .. 65535 is -1 .. 1 of a square
/// that holds all steps with a margin. One part in 65,535 is less than a pixel until a zoom of about 60.
inline std::vector<std::uint16_t> square_points(const engram::Tensor<float>& points) {
  double low[2] = {points[0], points[1]};
  double high[2] = {points[0], points[1]};
  for (engram::Index i = 0; i < points.size(); ++i) {
    low[i % 2] = std::min<double>(low[i % 2], points[i]);
    high[i % 2] = std::max<double>(high[i % 2], points[i]);
  }
  const double side = std::max({high[0] - low[0], high[1] - low[1], 1e-30}) * 1.06;
  std::vector<std::uint16_t> out;
  out.reserve(static_cast<std::size_t>(points.size()));
  for (engram::Index i = 0; i < points.size(); ++i) {
    const double middle = low[i % 2] / 2 + high[i % 2] / 2;
    out.push_back(static_cast<std::uint16_t>(std::lround(65535 * ((points[i] - middle) / side + 0.5))));
  }
  return out;
}

/// A label's key, values and the place of each point's colour in the key's palette; the last colour is of unknown ones.
struct LabelData {
  nlohmann::json key;
  std::vector<float> values;          ///< [N]
  std::vector<std::uint16_t> colors;  ///< [N]
};

/// `shade(value)` is the place in the palette of a known value.
template <class Shade>
void set_label_colors(LabelData& out, const engram::Tensor<double>& values, Shade shade) {
  const auto unknown = static_cast<std::uint16_t>(out.key["palette"].size());
  for (const double value : values.elements()) {
    out.values.push_back(static_cast<float>(value));
    out.colors.push_back(std::isnan(value) ? unknown : static_cast<std::uint16_t>(shade(value)));
  }
  out.key["palette"].push_back(css_color(engram::plot::unknown_color));
}

inline LabelData label_data(const std::monostate&, const engram::plot::Coloring&) {
  engram::fail<engram::ArgumentError>("report: need categories, amounts or directions for each label, got none");
}

inline LabelData label_data(const engram::plot::CategoricalColors& by, const engram::plot::Coloring& coloring) {
  LabelData out{.key = {{"kind", "names"}}, .values = {}, .colors = {}};
  const auto& entries = std::get<std::vector<engram::plot::LegendEntry>>(coloring.key);
  for (const engram::plot::LegendEntry& entry : entries) {
    out.key["names"].push_back(entry.name);
    out.key["palette"].push_back(css_color(entry.color));
  }
  std::vector<double> known;
  std::ranges::copy_if(by.labels.elements(), std::back_inserter(known), [](double v) { return !std::isnan(v); });
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  set_label_colors(out, by.labels,
                   [&](double label) { return std::ranges::lower_bound(known, label) - known.begin(); });
  return out;
}

inline LabelData label_data(const engram::plot::ContinuousColors& by, const engram::plot::Coloring& coloring) {
  const auto* found = std::get_if<engram::plot::ColorBar>(&coloring.key);
  const engram::plot::ColorBar bar = found != nullptr ? *found : engram::plot::ColorBar{0, 0};
  LabelData out{.key = {{"kind", "bar"}, {"low", bar.low}, {"high", bar.high}}, .values = {}, .colors = {}};
  for (engram::Index i = 0; i < shades; ++i) {
    out.key["palette"].push_back(css_color(engram::plot::sequential_color(static_cast<double>(i) / (shades - 1))));
  }
  set_label_colors(out, by.values, [bar](double value) {
    const double share = bar.high > bar.low ? (value / 2 - bar.low / 2) / (bar.high / 2 - bar.low / 2) : 0.5;
    return std::lround(share * (shades - 1));
  });
  return out;
}

inline LabelData label_data(const engram::plot::CircularColors& by, const engram::plot::Coloring&) {
  LabelData out{
      .key = {{"kind", "wheel"}, {"period", by.period}, {"clockwise", by.clockwise}}, .values = {}, .colors = {}};
  for (engram::Index i = 0; i < shades; ++i) {
    out.key["palette"].push_back(css_color(engram::plot::cyclic_color(static_cast<double>(i) / shades)));
  }
  set_label_colors(out, by.values, [&](double value) {
    const double turn = std::remainder(value, by.period) / by.period;
    return (std::lround(turn * shades) + shades) % shades;
  });
  return out;
}

}  // namespace detail

/// Writes script elements: what the map holds as JSON ("map-data"), points-I (uint16 [S, N, 2]), values-I (float32 [N])
/// and colors-I (uint16 [N]) of each code and label, and images-I-K, the atlases of each kind of image.
/// @throws ShapeError, ArgumentError naming what does not fit; see check_map, plot::point_colors
inline void write_map_data(engram::io::AtomicFile& out, const CodeMap& map) {
  using engram::text;
  nlohmann::json index{{"frames", map.size()}, {"codes", nlohmann::json::array()}, {"images", nlohmann::json::array()}};
  for (const MapCode& code : map.codes) {
    const auto points = detail::square_points(code.points);
    detail::write_data(out, text("points-", index["codes"].size()), std::as_bytes(std::span(points)));
    index["codes"].push_back({{"name", code.name}, {"steps", code.steps}, {"stepName", code.step_name}});
  }
  for (const MapLabel& label : map.labels) {
    const auto coloring = engram::plot::point_colors(label.colors, map.size());
    auto data = std::visit([&](const auto& by) { return detail::label_data(by, coloring); }, label.colors);
    const std::size_t number = index["labels"].size();
    detail::write_data(out, text("values-", number), std::as_bytes(std::span(data.values)));
    detail::write_data(out, text("colors-", number), std::as_bytes(std::span(data.colors)));
    data.key["name"] = coloring.title;
    data.key["unit"] = label.unit;
    index["labels"].push_back(std::move(data.key));
  }
  for (const MapImages& kind : map.images) {
    const AtlasGrid grid = atlas_grid(kind.images.shape());
    const std::size_t number = index["images"].size();
    std::size_t atlas = 0;
    for (const std::string& file : encode_atlases(kind.images, grid)) {
      detail::write_data(out, text("images-", number, "-", atlas++),
                         std::as_bytes(std::span(file.data(), file.size())));
    }
    index["images"].push_back({{"name", kind.name},
                               {"height", kind.images.dim(1)},
                               {"width", kind.images.dim(2)},
                               {"columns", grid.columns},
                               {"cellWidth", grid.cell_width},
                               {"cellHeight", grid.cell_height}});
  }
  out.write(text("<script type=\"application/json\" id=\"map-data\">", detail::script_json(index), "</script>\n"));
}

}  // namespace support
