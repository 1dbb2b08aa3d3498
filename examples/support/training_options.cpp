#include "support/training_options.hpp"

namespace support {

void apply_preset(TrainingOptions& o, const CLI::App& app, Index training_frames) {
  if (o.epochs == 0) {
    o.epochs = o.preset == "study" ? 150 : std::max<Index>(1, (o.frames_seen + training_frames / 2) / training_frames);
  }
  if (o.preset != "short") {
    return;
  }
  const auto set = [&](const std::string& name, auto& value, auto preset) {
    const CLI::Option* option = app.get_option_no_throw(name);
    if (option != nullptr && option->count() == 0) {
      value = preset;
    }
  };
  set("--batch-size", o.batch_size, Index{16});
  set("--lr", o.lr, 4e-3);
  set("--schedule", o.schedule, "one_cycle");
  set("--code-bias", o.code_bias, 2.0);
  set("--output-scale", o.output_scale, 0.01);
}

void add_recording_options(CLI::App& app, TrainingOptions& o) {
  app.add_option("--images", o.images, "Frames: .npz, .npy, a movie or a folder of PNG, JPEG or BMP images")
      ->required();
  app.add_option("--out", o.out, "Folder for the results; made if it is not there")->required();
  app.add_option("--array", o.frames.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--maximum", o.frames.maximum, "Pixel value that becomes 1; 0: the type's largest")
      ->capture_default_str();
}

void add_schedule_options(CLI::App& app, TrainingOptions& o) {
  app.add_option("--lr", o.lr, "Learning rate; the highest one of the schedule")
      ->capture_default_str()
      ->check(positive_number());
  app.add_option("--schedule", o.schedule, "Of the learning rate: constant, step or one_cycle")
      ->capture_default_str()
      ->check(CLI::IsMember({"constant", "step", "one_cycle"}));
  app.add_option("--step-size", o.step_size, "Epochs between the drops of --schedule step")
      ->capture_default_str()
      ->check(whole_number(1));
  app.add_option("--gamma", o.gamma, "Factor of each drop")->capture_default_str()->check(positive_number());
  app.add_option("--warm-up", o.warm_up, "Share of the steps in which --schedule one_cycle rises")
      ->capture_default_str()
      ->check(share());
}

void add_split_options(CLI::App& app, TrainingOptions& o) {
  app.add_option("--seed", o.seed, "Decides weights, order of the batches and random split")
      ->capture_default_str()
      ->check(whole_number(0));
  app.add_option("--split", o.split.kind,
                 "Held-out frames: contiguous blocks, or random (which leaks where neighbours look alike)")
      ->capture_default_str()
      ->check(CLI::IsMember({"random", "blocks"}));
  app.add_option("--held-out", o.split.fraction, "Share of the frames for --split random")
      ->capture_default_str()
      ->check(share());
  app.add_option("--blocks", o.split.blocks, "Blocks for --split blocks")
      ->capture_default_str()
      ->check(whole_number(1));
  app.add_option("--held-out-blocks", o.split.held_out_blocks, "Which of them, such as 2,7")
      ->capture_default_str()
      ->delimiter(',');
}

void add_training_options(CLI::App& app, TrainingOptions& o, const NetworkParts& parts) {
  add_recording_options(app, o);
  app.add_option("--preset", o.preset,
                 std::string("study: Adam 1e-3, batches of 64, 150 epochs; short, what gets furthest in a few minutes: "
                             "64,000 frames in batches of 16, --schedule one_cycle, --lr 4e-3") +
                     (parts.encoder ? ", --code-bias 2" : "") + (parts.decoder ? ", --output-scale 0.01" : ""))
      ->capture_default_str()
      ->check(CLI::IsMember({"study", "short"}));
  app.add_option("--epochs", o.epochs, "Passes over the frames; 0: what the preset says")
      ->capture_default_str()
      ->check(whole_number(0));
  app.add_option("--batch-size", o.batch_size, "Frames per step")->capture_default_str()->check(whole_number(2));
  app.add_option("--width", o.width, "Filters of the first layers")->capture_default_str()->check(whole_number(1));
  add_schedule_options(app, o);
  if (parts.encoder) {
    app.add_option("--latent-dim", o.latent_dim, "Numbers in a code")->capture_default_str()->check(whole_number(1));
    app.add_option("--code-bias", o.code_bias,
                   "First shift of the code's batch norm; above 0 the ReLU cuts less of the code away at first")
        ->capture_default_str()
        ->check(number("a number", [](double) { return true; }));
  }
  if (parts.decoder) {
    app.add_option("--output-scale", o.output_scale,
                   "Factor on the first weights of the last layer: PyTorch's default makes those of a transposed "
                   "convolution to one channel 8 times as large as its 576 inputs call for")
        ->capture_default_str()
        ->check(positive_number());
  }
  add_split_options(app, o);
  if (parts.encoder) {
    app.add_option("--snapshots", o.snapshots,
                   "Times per epoch that the codes of all frames are kept, in the folder snapshots of --out")
        ->capture_default_str()
        ->check(whole_number(0));
  }
  add_run_options(app, o);
}

void add_run_options(CLI::App& app, TrainingOptions& o) {
  app.add_option("--validate-every", o.validate_every, "Epochs")->capture_default_str()->check(whole_number(1));
  app.add_option("--checkpoint-every", o.checkpoint_every, "Epochs")->capture_default_str()->check(whole_number(1));
  app.add_flag("--tensorboard", o.tensorboard, "Event files for TensorBoard, in the folder tensorboard of --out");
  app.add_flag("--resume", o.resume, "Go on from the checkpoint in --out");
  app.add_flag("--quiet", o.quiet, "No progress");
}

engram::optim::Schedule make_schedule(const TrainingOptions& o) {
  if (o.schedule == "step") {
    return engram::optim::StepLR{.step_size = o.step_size, .gamma = o.gamma};
  }
  if (o.schedule == "one_cycle") {
    return engram::optim::OneCycleLR{.max_lr = o.lr, .pct_start = o.warm_up};
  }
  return {};
}

engram::models::NetworkOptions network_options(const TrainingOptions& o, const engram::data::Frames& frames) {
  const engram::Shape& s = frames.shape();
  return {.image_height = s[2], .image_width = s[3], .channels = s[1], .latent_dim = o.latent_dim, .width = o.width};
}

void write_training(engram::Settings& settings, const TrainingOptions& o, const engram::data::Frames& frames) {
  settings.set("maximum", o.frames.maximum);
  settings.set("frames_crc32", checksum(frames));
  if (o.schedule == "one_cycle") {
    settings.set("epochs", o.epochs);
  }
  settings.set("batch_size", o.batch_size);
  settings.set("lr", o.lr);
  settings.set("schedule", o.schedule);
  if (o.schedule == "step") {
    settings.set("step_size", o.step_size);
    settings.set("gamma", o.gamma);
  } else if (o.schedule == "one_cycle") {
    settings.set("warm_up", o.warm_up);
  }
  settings.set("seed", o.seed);
  write_settings(settings, o.split);
}

engram::Settings make_settings(const std::string& model, const TrainingOptions& o, const NetworkParts& parts,
                               const engram::models::NetworkOptions& network, const engram::data::Frames& frames) {
  engram::Settings settings;
  settings.set("model", model);
  engram::models::write_options(settings, network);
  if (parts.encoder) {
    settings.set("code_bias", o.code_bias);
  }
  if (parts.decoder) {
    settings.set("output_scale", o.output_scale);
  }
  write_training(settings, o, frames);
  return settings;
}

void set_first_weights(const engram::nn::Parameters<float>& parameters, const TrainingOptions& o) {
  for (const auto& parameter : parameters) {
    auto variable = parameter.variable;
    if (parameter.name == "fc_1.1.bias") {
      std::ranges::fill(variable.mutable_value().elements(), static_cast<float>(o.code_bias));
    } else if (parameter.name == "decoder.12.weight") {
      for (float& w : variable.mutable_value().elements()) {
        w *= static_cast<float>(o.output_scale);
      }
    }
  }
}

}  // namespace support
