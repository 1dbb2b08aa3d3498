#include "support/trained_model.hpp"

namespace support {

namespace {

template <class Model>
engram::infer::Plan<float> loaded_plan(const TrainedModel& trained, const engram::Shape& item,
                                       const engram::infer::PlanOptions& options = {}) {
  return {engram::train::load_new_model<Model>(trained.file, trained.network), item, options};
}

auto of_frames(engram::infer::Plan<float> plan) {
  return [plan = std::move(plan)](const engram::data::Frames& frames, const std::vector<Index>& items) {
    return outputs_of_frames(plan, frames, items);
  };
}

}  // namespace

TrainedModel load_model_folder(const std::filesystem::path& folder) {
  namespace models = engram::models;
  TrainedModel trained{
      .file = folder / "model.npz", .settings = {}, .network = {}, .encode = {}, .denoise = {}, .denoiser = {}};
  trained.settings = engram::train::load_settings(trained.file);
  const std::string kind = engram::naming(trained.file.string(), [&] {
    const std::string model = trained.settings.get("model");
    if (model == "blind_spot_unet") {
      const auto channels = trained.settings.number<engram::Index>("channels");
      trained.network = {.image_height = 0, .image_width = 0, .channels = channels, .latent_dim = 0};
    } else {
      trained.network = models::read_options(trained.settings);
    }
    return model;
  });
  const models::NetworkOptions& network = trained.network;
  const engram::Shape image{network.channels, network.image_height, network.image_width};
  if (kind == "conv_autoencoder") {
    const models::ConvAutoencoder<float> model = load_autoencoder(folder).model;
    trained.encode = of_frames({model, image, {.until = "code"}});
    trained.denoise = [plan = engram::infer::Plan<float>(model, image)](const auto& frames, const auto& items) {
      return clipped(outputs_of_frames(plan, frames, items));
    };
  } else if (kind == "reduction_decoder") {
    const std::string method = engram::naming(trained.file.string(), [&] { return trained.settings.get("reduction"); });
    const auto reduction = std::make_shared<const Reduction>(Reduction::load(method, folder / "reduction.npz"));
    const auto encode = [reduction](const engram::data::Frames& frames, const std::vector<Index>& items) {
      return reduction->transform(pixel_rows(frames, items));
    };
    trained.encode = encode;
    trained.denoise = [encode, plan = loaded_plan<models::ReductionDecoder<float>>(trained, {network.latent_dim})](
                          const auto& frames, const auto& items) {
      return clipped(outputs_of_rows(plan, encode(frames, items)));
    };
  } else if (kind == "direction_tagger") {
    trained.encode = of_frames(loaded_plan<models::DirectionTagger<float>>(trained, image, {.until = "code"}));
  } else if (kind == "blind_spot_unet") {
    using engram::denoising::BlindSpotDenoiser;
    trained.denoiser = std::make_shared<BlindSpotDenoiser<float>>(BlindSpotDenoiser<float>::load(trained.file));
    trained.denoise = [denoiser = trained.denoiser](const auto& frames, const auto& items) {
      return without_noise(*denoiser, frames, items);
    };
  } else {
    engram::fail<engram::FormatError>(
        trained.file.string(),
        ": need a conv_autoencoder, reduction_decoder, direction_tagger or blind_spot_unet, got a ", kind);
  }
  return trained;
}

void need_codes(const TrainedModel& model) {
  engram::ensure<engram::ArgumentError>(model.encode != nullptr, model.file.string(),
                                        ": need a model that makes codes, got a ", model.kind());
}

}  // namespace support
