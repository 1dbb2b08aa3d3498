#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/io/safetensors.hpp>

#include "support/sample_files.hpp"
#include "support/temporary_folder.hpp"

// Files that are damaged: single bits that flipped, and ends that are missing. What cannot be read is an engram::Error;
// what can be read must be what was written, for all formats with checksums.

using namespace engram;

namespace {

using Path = std::filesystem::path;

void append(std::string& all, const io::Array& array) {
  all += text(static_cast<int>(array.dtype), array.shape, "\n");
  all.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
  for (const std::string& word : array.strings) {
    all += word + "\n";
  }
}

template <class Reader>
std::string arrays_of(const Path& file) {
  const Reader reader(file);
  std::string all;
  for (const std::string& name : reader.names()) {
    all += name + "\n";
    append(all, reader.read(name));
  }
  return all;
}

/// What is in the file: what it says after it has been read and written again. The same objects give the same bytes.
std::string content(const std::string& format, const Path& file) {
  const Path again = file.string() + ".again";
  if (format == "npz") {
    return arrays_of<io::NpzReader>(file);
  }
  if (format == "npy" || format == "image" || format == "csv") {
    std::string all;
    if (format == "npy") {
      append(all, io::read_npy(file));
    } else if (format == "csv") {
      io::write_csv(again, io::read_csv(file));
      all = io::read_text(again);
    } else {
      const auto image = io::read_image(file);
      all = text(image.shape()) + std::string(image.data(), image.data() + image.size());
    }
    return all;
  }
  if (format == "checkpoint") {
    support::SmallTraining training;
    training.state = train::load_checkpoint(file, training.model, training.adam, {});
    train::save_checkpoint(again, training.model, training.adam, training.state, {});
  } else if (format == "safetensors") {
    support::SmallTraining training;
    train::load_safetensors(file, training.model);
    train::save_model(again, training.model);
  } else if (format == "model") {
    const Settings settings = train::load_settings(file);
    Rng rng(0);
    models::ConvAutoencoder<float> model(models::read_options(settings), rng);
    train::load_model(file, model);
    train::save_model(again, model, settings);
  } else if (format == "pca") {
    embed::save_pca(again, embed::load_pca<double>(file));
  } else if (format == "incremental_pca") {
    embed::save_pca(again, embed::load_incremental_pca<double>(file));
  } else {
    embed::Umap::load(file).save(again);
  }
  return io::read_text(again);
}

/// What came of so many damaged copies of a file.
struct Outcome {
  int detected = 0;
  int harmless = 0;  ///< read as if nothing had happened
  int wrong = 0;     ///< read as something else
};

/// What comes of copies that `damage` makes of the file.
Outcome outcome(const std::string& format, const Path& file, int copies,
                const std::function<std::string(std::string)>& damage) {
  const std::string whole = io::read_text(file);
  const std::string meant = content(format, file);
  const Path copy = file.string() + ".copy";
  Outcome result;
  for (int i = 0; i < copies; ++i) {
    write_file(copy, damage(whole));
    try {
      const bool same = content(format, copy) == meant;
      (same ? result.harmless : result.wrong) += 1;
    } catch (const Error&) {
      ++result.detected;
    }
  }
  return result;
}

}  // namespace

TEST_CASE("damaged files: 2,000 flipped bits and 500 missing ends of each format") {
  const TemporaryFolder folder;
  support::write_sample_files(folder.path());
  for (const char* name :
       {"npy.singles", "csv.table", "image.png", "npz.stored", "npz.deflated", "checkpoint.small", "safetensors.linear",
        "model.autoencoder", "pca.two", "incremental_pca.two", "umap.twelve"}) {
    const std::string format = Path(name).stem().string();
    const bool checked = format != "npy" && format != "csv";
    Rng rng(1);
    const Outcome flips = outcome(format, folder / name, 2000, [&](std::string bytes) {
      const Index bit = rng.below(8 * std::ssize(bytes));
      char& byte = bytes[static_cast<std::size_t>(bit / 8)];
      byte = static_cast<char>(byte ^ 1 << bit % 8);
      return bytes;
    });
    const Outcome cuts = outcome(format, folder / name, 500, [&](const std::string& bytes) {
      return bytes.substr(0, static_cast<std::size_t>(rng.below(std::ssize(bytes))));
    });
    MESSAGE(std::string(name) << ": flips: " << flips.detected << " detected, " << flips.harmless << " harmless, "
                              << flips.wrong << " read as something else; ends: " << cuts.detected << ", "
                              << cuts.harmless << ", " << cuts.wrong);
    CHECK(flips.detected > 0);
    CHECK(cuts.detected > 0);
    if (checked) {
      CHECK(flips.wrong == 0);
      CHECK(cuts.harmless == 0);
      CHECK(cuts.wrong == 0);
    }
  }
}
