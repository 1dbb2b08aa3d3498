#pragma once

// The functions of engram.h. To be included by one source file, of which the shared library is made.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram.h>

#include <engram/c_api/frame_model.hpp>
#include <engram/core/error.hpp>
#include <engram/core/version.hpp>
#include <engram/data/frames.hpp>

struct engram_model {
  engram::c_api::FrameModel model;
  std::vector<float> scaled;  ///< the frame, 0..1
};

namespace engram::c_api {

namespace detail {

inline std::string& last_error() {
  thread_local std::string text;
  return text;
}

/// Keeps the text of what `f` throws, after the name of the function.
template <class F>
engram_status guarded(const char* function, F f) noexcept {
  const auto failed = [&](engram_status status, const char* what) {
    try {
      last_error() = text(function, ": ", what);
    } catch (...) {
      last_error().clear();
    }
    return status;
  };
  try {
    f();
    return ENGRAM_OK;
  } catch (const ArgumentError& error) {
    return failed(ENGRAM_BAD_ARGUMENT, error.what());
  } catch (const ShapeError& error) {
    return failed(ENGRAM_BAD_SHAPE, error.what());
  } catch (const FormatError& error) {
    return failed(ENGRAM_BAD_FORMAT, error.what());
  } catch (const IoError& error) {
    return failed(ENGRAM_IO_ERROR, error.what());
  } catch (const std::bad_alloc&) {
    return failed(ENGRAM_FAILED, "not enough memory");
  } catch (const std::exception& error) {
    return failed(ENGRAM_FAILED, error.what());
  } catch (...) {
    return failed(ENGRAM_FAILED, "an unknown error");
  }
}

inline void need(const void* pointer, const char* what) {
  ensure<ArgumentError>(pointer != nullptr, "need ", what, ", got NULL");
}

/// The value of a pixel that becomes 1.
template <class P>
float white(const FrameModel& model) {
  return static_cast<float>(model.maximum() > 0 ? model.maximum() : data::default_maximum<P>);
}

/// The frame as the model wants it.
template <class P>
void scale(engram_model& m, const P* frame, Index height, Index width) {
  const Index size = m.model.channels() * height * width;
  m.scaled.resize(static_cast<std::size_t>(size));
  const float factor = 1 / white<P>(m.model);
  for (Index i = 0; i < size; ++i) {
    if constexpr (std::is_floating_point_v<P>) {
      ensure<ArgumentError>(std::isfinite(frame[i]), "need finite pixels, got ", frame[i], " at ", i);
      ensure<ArgumentError>(m.model.maximum() > 0 || frame[i] <= 1, "need pixels up to 1, as the training had no ",
                            "--maximum, got ", frame[i], " at ", i);
    }
    m.scaled[static_cast<std::size_t>(i)] = static_cast<float>(frame[i]) * factor;
  }
}

template <class P>
engram_status run(const char* function, engram_model* m, const P* frame, Index height, Index width, float* code,
                  P* denoised) noexcept {
  return guarded(function, [&] {
    need(m, "a model");
    need(frame, "a frame");
    ensure<ArgumentError>(code == nullptr || m->model.code_size() > 0, "need a model that makes codes, got a ",
                          m->model.kind());
    ensure<ArgumentError>(denoised == nullptr || m->model.makes_images(), "need a model that makes images, got a ",
                          m->model.kind());
    m->model.check_size(height, width);  // before the frame is looked at
    scale(*m, frame, height, width);
    const FrameModel::Result result = m->model.run(m->scaled, height, width, denoised != nullptr);
    if (code != nullptr) {
      std::ranges::copy(result.code, code);
    }
    if (denoised != nullptr) {
      const float full = white<P>(m->model);
      std::ranges::transform(result.image, denoised, [full](float value) {
        return data::detail::to_pixel<P>(std::clamp(value, 0.0F, 1.0F) * full);
      });
    }
  });
}

/// What a question about a model gives, 0 for NULL.
template <class F>
std::int32_t asked(const engram_model* m, F f) {
  return m == nullptr ? 0 : static_cast<std::int32_t>(f(m->model));
}

}  // namespace detail

}  // namespace engram::c_api

extern "C" {

const char* engram_version(void) {
  return engram::version.data();
}

const char* engram_error(void) {
  return engram::c_api::detail::last_error().c_str();
}

engram_model* engram_load(const char* path) {
  engram_model* loaded = nullptr;
  engram::c_api::detail::guarded("engram_load", [&] {
    engram::c_api::detail::need(path, "a path");
    engram::ensure<engram::ArgumentError>(*path != '\0', "need a path, got an empty text");
    const std::u8string utf8(path, path + std::char_traits<char>::length(path));
    loaded = new engram_model{engram::c_api::FrameModel::load(std::filesystem::path(utf8)), {}};
  });
  return loaded;
}

engram_model* engram_copy(const engram_model* model) {
  engram_model* copy = nullptr;
  engram::c_api::detail::guarded("engram_copy", [&] {
    engram::c_api::detail::need(model, "a model");
    copy = new engram_model(*model);
  });
  return copy;
}

void engram_free(engram_model* model) {
  delete model;
}

const char* engram_kind(const engram_model* model) {
  return model == nullptr ? "" : model->model.kind().c_str();
}

int32_t engram_channels(const engram_model* model) {
  return engram::c_api::detail::asked(model, [](const auto& m) { return m.channels(); });
}
int32_t engram_height(const engram_model* model) {
  return engram::c_api::detail::asked(model, [](const auto& m) { return m.height(); });
}
int32_t engram_width(const engram_model* model) {
  return engram::c_api::detail::asked(model, [](const auto& m) { return m.width(); });
}
int32_t engram_code_size(const engram_model* model) {
  return engram::c_api::detail::asked(model, [](const auto& m) { return m.code_size(); });
}
int32_t engram_makes_images(const engram_model* model) {
  return engram::c_api::detail::asked(model, [](const auto& m) { return m.makes_images(); });
}
int32_t engram_readout_size(const engram_model* model) {
  return engram::c_api::detail::asked(model, [](const auto& m) { return m.readout_size(); });
}

engram_status engram_run_u8(engram_model* model, const uint8_t* frame, int32_t height, int32_t width, float* code,
                            uint8_t* denoised) {
  return engram::c_api::detail::run("engram_run_u8", model, frame, height, width, code, denoised);
}
engram_status engram_run_u16(engram_model* model, const uint16_t* frame, int32_t height, int32_t width, float* code,
                             uint16_t* denoised) {
  return engram::c_api::detail::run("engram_run_u16", model, frame, height, width, code, denoised);
}
engram_status engram_run_f32(engram_model* model, const float* frame, int32_t height, int32_t width, float* code,
                             float* denoised) {
  return engram::c_api::detail::run("engram_run_f32", model, frame, height, width, code, denoised);
}

engram_status engram_readout(const engram_model* model, float* values) {
  return engram::c_api::detail::guarded("engram_readout", [&] {
    engram::c_api::detail::need(model, "a model");
    engram::c_api::detail::need(values, "room for the values");
    engram::ensure<engram::ArgumentError>(model->model.readout_size() > 0, "need a direction_tagger, got a ",
                                          model->model.kind());
    engram::ensure<engram::ArgumentError>(!model->model.readout().empty(), "need a frame before, got none");
    std::ranges::copy(model->model.readout(), values);
  });
}

}  // extern "C"
