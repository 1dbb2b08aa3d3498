#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/core/tensor.hpp>
#include <engram/denoising/blind_spot_denoiser.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/infer/runner.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/models/settings.hpp>
#include <engram/train/model_file.hpp>

namespace engram::c_api {

/// A trained model of any kind, evaluated frame by frame by one thread at a time. Copies share the weights.
/// Autoencoders and taggers allocate nothing for a frame.
class FrameModel {
 public:
  /// @param path  folder that a training program wrote, or its model.npz; the reduction.npz of a decoder lies beside it
  /// @throws IoError, FormatError naming the file
  static FrameModel load(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto file = std::filesystem::is_directory(path, ignored) ? path / "model.npz" : path;
    FrameModel model;
    model.settings_ = train::load_settings(file);
    naming(file.string(), [&] {
      model.kind_ = model.settings_.get("model");
      const bool told = model.settings_.find("maximum") != nullptr;
      model.maximum_ = told ? model.settings_.number<double>("maximum") : 0;
    });
    if (model.kind_ == "blind_spot_unet") {
      model.denoiser_ = std::make_shared<const Denoiser>(Denoiser::load(file));
      ensure<FormatError>(!model.denoiser_->noise().empty(), file.string(), ": need the noise of a denoiser, got none");
      model.options_ = {.image_height = 0,
                        .image_width = 0,
                        .channels = model.denoiser_->network().options().channels,
                        .latent_dim = 0};
      return model;
    }
    model.options_ = naming(file.string(), [&] { return models::read_options(model.settings_); });
    if (model.kind_ == "conv_autoencoder") {
      model.plan<models::ConvAutoencoder<float>>(file, model.frame_shape());
    } else if (model.kind_ == "direction_tagger") {
      model.plan<models::DirectionTagger<float>>(file, model.frame_shape());
    } else if (model.kind_ == "reduction_decoder") {
      model.reduce_ =
          load_reduction(file.string(), naming(file.string(), [&] { return model.settings_.get("reduction"); }),
                         file.parent_path() / "reduction.npz");
      model.plan<models::ReductionDecoder<float>>(file, {model.options_.latent_dim});
      model.check_reduction(file.parent_path() / "reduction.npz");
    } else {
      fail<FormatError>(file.string(),
                        ": need a conv_autoencoder, reduction_decoder, direction_tagger or blind_spot_unet, got a ",
                        model.kind_);
    }
    return model;
  }

  const std::string& kind() const { return kind_; }
  /// The pixel value that it takes for 1; 0: the type's.
  double maximum() const { return maximum_; }
  Index channels() const { return options_.channels; }
  /// 0 if frames may have any size.
  Index height() const { return options_.image_height; }
  Index width() const { return options_.image_width; }
  /// 0 if it makes no codes.
  Index code_size() const { return options_.latent_dim; }
  bool makes_images() const { return kind_ != "direction_tagger"; }
  /// Numbers that a tagger makes of a frame; 0 for others.
  Index readout_size() const { return makes_images() ? 0 : full_->plan().output("output").shape.size(); }
  /// Those of the last frame.
  std::span<const float> readout() const { return full_->output("output"); }

  /// @throws ShapeError for a size that the model does not take
  void check_size(Index height, Index width) const {
    if (this->height() > 0) {
      ensure<ShapeError>(height == this->height() && width == this->width(), "need frames of ", this->height(), " x ",
                         this->width(), " pixels (height x width), as the ", kind_, " has learnt, got ", height, " x ",
                         width);
    } else {
      const Index least = denoiser_->network().multiple();
      ensure<ShapeError>(height >= least && width >= least, "need frames of at least ", least, " x ", least,
                         " pixels (height x width), got ", height, " x ", width);
    }
  }

  /// What is made of a frame.
  struct Result {
    std::span<const float> code;   ///< empty if the model makes none
    std::span<const float> image;  ///< [C, H, W], of 0..1 but not clipped; empty unless it is wanted and can be made
  };

  /// @param frame       [C, H, W], 0..1
  /// @param with_image  whether the frame without noise is wanted; the code alone takes less time
  /// @returns           valid until the next call
  /// @throws ShapeError for a size that the model does not take
  Result run(std::span<const float> frame, Index height, Index width, bool with_image) {
    check_size(height, width);
    ensure<ShapeError>(std::ssize(frame) == channels() * height * width, "need ", channels(), " x ", height, " x ",
                       width, " pixels, got ", frame.size());
    if (denoiser_ != nullptr) {
      if (with_image) {
        made_ = (*denoiser_)(Tensor<float>::from({1, channels(), height, width}, frame));
      }
      return {{}, with_image ? made_.elements() : std::span<float>()};
    }
    if (reduce_ != nullptr) {
      made_ = reduce_(Tensor<float>::from({1, std::ssize(frame)}, frame));
      return {made_.elements(), with_image ? full_->run(made_.elements()) : std::span<const float>()};
    }
    if (makes_images() && !with_image) {
      return {codes_->run(frame), {}};
    }
    const std::span<const float> output = full_->run(frame);
    return {full_->output("code"), makes_images() ? output : std::span<const float>()};
  }

 private:
  using Denoiser = denoising::BlindSpotDenoiser<float>;
  using Reduce = std::function<Tensor<float>(const Tensor<float>& rows)>;

  Shape frame_shape() const { return {options_.channels, options_.image_height, options_.image_width}; }

  template <class Model>
  void plan(const std::filesystem::path& file, const Shape& item) {
    const auto model = train::load_new_model<Model>(file, options_);
    full_.emplace(infer::Plan<float>(model, item));
    if (kind_ == "conv_autoencoder") {
      codes_.emplace(infer::Plan<float>(model, item, {.until = "code"}));
    }
  }

  /// @throws FormatError naming the file if it is the reduction of another decoder
  void check_reduction(const std::filesystem::path& file) const {
    const Tensor<float> code = naming(file.string(), [&] {
      return reduce_(Tensor<float>::zeros({1, frame_shape().size()}));
    });
    ensure<FormatError>(code.shape() == Shape{1, options_.latent_dim}, file.string(), ": need codes of ",
                        options_.latent_dim, " numbers, as the decoder takes them, got ", code.size());
  }

  static Reduce load_reduction(const std::string& model, const std::string& method, const std::filesystem::path& file) {
    if (method == "pca") {
      return [pca = std::make_shared<const embed::Pca<float>>(embed::load_pca<float>(file))](
                 const Tensor<float>& rows) { return pca->transform(rows); };
    }
    ensure<FormatError>(method == "umap", model, ": need the reduction pca or umap, got ", method);
    return [umap = std::make_shared<const embed::Umap>(embed::Umap::load(file))](const Tensor<float>& rows) {
      return umap->transform(rows);
    };
  }

  Settings settings_;
  std::string kind_;
  double maximum_ = 0;
  models::NetworkOptions options_;
  Reduce reduce_;                              ///< of a decoder
  std::optional<infer::Runner<float>> full_;   ///< of all but a denoiser
  std::optional<infer::Runner<float>> codes_;  ///< of an autoencoder, as far as the code
  std::shared_ptr<const Denoiser> denoiser_;
  Tensor<float> made_;  ///< by a denoiser, or codes by a reduction
};

}  // namespace engram::c_api
