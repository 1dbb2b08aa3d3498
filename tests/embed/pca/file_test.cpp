#include <engram/embed/pca/file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "support/random_tensor.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;
using embed::IncrementalPca;
using embed::load_incremental_pca;
using embed::load_pca;
using embed::Pca;
using embed::save_pca;

namespace {

template <class T>
bool same(const Tensor<T>& a, const Tensor<T>& b) {
  return a.shape() == b.shape() && std::ranges::equal(a.elements(), b.elements());
}

/// Arrays of another content than usual; nothing: left out.
using Changes = std::map<std::string, std::optional<Tensor<double>>>;

Tensor<double> number(double value) {
  return Tensor<double>::full({}, value);
}

/// A file as save_pca writes it of an IncrementalPca of 2 components and 3 columns, but for `changes`.
void write_changed(const std::filesystem::path& path, const Changes& changes) {
  const std::string format[] = {"engram pca"};
  io::NpzWriter file(path);
  const auto add = [&](const std::string& name, const auto& usual) {
    const auto change = changes.find(name);
    if (change == changes.end()) {
      file.add(name, usual);
    } else if (change->second) {
      file.add(name, *change->second);
    }
  };
  add("format", std::span<const std::string>(format));
  add("version", Tensor<std::int64_t>::full({}, 1));
  add("components", Tensor<double>::from({2, 3}, {1, 0, 0, 0, 1, 0}));
  add("explained_variance", Tensor<double>::from({2}, {2, 1}));
  add("explained_variance_ratio", Tensor<double>::from({2}, {0.5, 0.25}));
  add("singular_values", Tensor<double>::from({2}, {4, 3}));
  add("mean", Tensor<double>::zeros({3}));
  add("noise_variance", number(1));
  add("n_samples", Tensor<std::int64_t>::full({}, 9));
  add("whiten", Tensor<std::uint8_t>::full({}, 0));
  add("squares", Tensor<double>::from({3}, {16, 9, 8}));
  file.commit();
}

/// What is wrong with a file according to f; "" if nothing is.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const FormatError& error) {
    return error.what();
  } catch (const IoError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("save_pca: a model that is loaded transforms as the one that was saved") {
  const TemporaryFolder folder;
  const auto path = folder / "pca.npz";
  const auto x = normal<float>({20, 7}, 1);
  const Pca<float> pca(x, {.n_components = 3, .whiten = true});
  save_pca(path, pca);
  const auto loaded = load_pca<float>(path);
  CHECK(same(loaded.components(), pca.components()));
  CHECK(same(loaded.explained_variance(), pca.explained_variance()));
  CHECK(same(loaded.explained_variance_ratio(), pca.explained_variance_ratio()));
  CHECK(same(loaded.singular_values(), pca.singular_values()));
  CHECK(loaded.noise_variance() == pca.noise_variance());
  CHECK(same(loaded.transform(x), pca.transform(x)));
  CHECK(same(loaded.inverse_transform(loaded.transform(x)), pca.inverse_transform(pca.transform(x))));
  CHECK(folder.entries() == 1);
}

TEST_CASE("save_pca: an IncrementalPca that is loaded goes on as the one that was saved, to the bit") {
  const TemporaryFolder folder;
  const auto path = folder / "pca.npz";
  IncrementalPca<float> pca({.n_components = 3});
  pca.partial_fit(normal<float>({20, 7}, 2));
  save_pca(path, pca);
  auto loaded = load_incremental_pca<float>(path);
  CHECK(same(loaded.components(), pca.components()));
  CHECK(loaded.n_samples_seen() == 20);
  const auto more = normal<float>({15, 7}, 3);
  CHECK(same(loaded.partial_fit(more).components(), pca.partial_fit(more).components()));
  CHECK(same(loaded.transform(more), pca.transform(more)));
  CHECK(same(loaded.var(), pca.var()));
  CHECK(load_pca<float>(path).n_components() == 3);
}

TEST_CASE("save_pca: nothing is written of what has not been fitted") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(save_pca(folder / "pca.npz", Pca<float>()), "save_pca: need data to be fitted first",
                       ArgumentError);
  CHECK_THROWS_AS(save_pca(folder / "pca.npz", IncrementalPca<float>()), ArgumentError);
  CHECK_THROWS_AS(save_pca(folder / "none" / "pca.npz", Pca<float>(normal<float>({4, 3}, 1))), IoError);
  CHECK(folder.entries() == 0);
}

TEST_CASE("save_pca: a model of variances that float hardly holds or cannot is loaded and whitens as before") {
  const TemporaryFolder folder;
  const auto path = folder / "pca.npz";
  for (const float scale : {5e18F, 1e-24F}) {
    auto x = normal<float>({20, 7}, 4);
    std::ranges::transform(x.elements(), x.data(), [&](float v) { return scale * v; });
    const Pca<float> pca(x, {.n_components = 3, .whiten = true});
    save_pca(path, pca);
    CHECK(same(load_pca<float>(path).transform(x), pca.transform(x)));
    const auto batches = IncrementalPca<float>({.n_components = 3, .whiten = true}).partial_fit(x);
    save_pca(path, batches);
    CHECK(same(load_incremental_pca<float>(path).transform(x), batches.transform(x)));
  }
}

TEST_CASE("load_pca and load_incremental_pca: what does not fit is named with its file and array") {
  const TemporaryFolder folder;
  const auto path = folder / "pca.npz";
  write_changed(path, {});
  CHECK(load_pca<double>(path).n_components() == 2);
  CHECK(load_incremental_pca<double>(path).n_components() == 2);

  const auto zeros = [](const Shape& shape) { return Tensor<double>::zeros(shape); };
  const auto three = [](double a, double b, double c) { return Tensor<double>::from({3}, {a, b, c}); };
  const auto two = [](double a, double b) { return Tensor<double>::from({2}, {a, b}); };
  const std::string lengths = "Pca: need singular_values from 0 to 1.3407807929942596e+154, got ";
  const std::string means = "Pca: need mean from -1.7976931348623157e+308 to 1.7976931348623157e+308, got ";
  const std::string variances = "Pca: need explained_variance from 0 to 1.7976931348623157e+308, got ";
  const std::string squares = "Pca: need squares from 0 to 1.7976931348623157e+308, got ";
  const std::string samples = "Pca: need n_samples from 2 to 9007199254740992, got ";
  const std::string directions = "Pca: need components [K, D] with 1 <= K <= D, got ";
  enum Loaders { both, whole, incremental };
  struct Case {
    Loaders loaders;
    Changes changes;
    std::string words;
  };
  const Case cases[] = {
      {both, {{"format", std::nullopt}}, "need a PCA file, whose array format is \"engram pca\""},
      {both, {{"format", number(2)}}, "need a PCA file, whose array format is \"engram pca\""},
      {both, {{"version", number(2)}}, "array version: need 1, got 2"},
      {both, {{"version", number(NAN)}}, "array version: need integers of 64 bits, got nan at position 0"},
      {both,
       {{"mean", std::nullopt}},
       "need an array called mean, got format, version, components, explained_variance, explained_variance_ratio, "
       "singular_values, noise_variance, n_samples, whiten, squares"},
      {incremental, {{"squares", std::nullopt}}, "need the file of an IncrementalPca, which has an array squares"},

      {both, {{"components", zeros({2, 0})}, {"mean", zeros({0})}, {"squares", zeros({0})}}, directions + "[2, 0]"},
      {both, {{"components", zeros({0, 0})}, {"mean", zeros({0})}, {"squares", zeros({0})}}, directions + "[0, 0]"},
      {both,
       {{"components", zeros({0, 3})},
        {"singular_values", zeros({0})},
        {"explained_variance", zeros({0})},
        {"explained_variance_ratio", zeros({0})}},
       directions + "[0, 3]"},
      {both,
       {{"components", Tensor<double>::from({2, 1}, {1, 1})}, {"mean", zeros({1})}, {"squares", zeros({1})}},
       directions + "[2, 1]"},
      {both, {{"components", zeros({6})}}, directions + "[6]"},
      {both, {{"components", number(1)}}, directions + "[]"},
      {both,
       {{"components", Tensor<double>::from({2, 3}, {1, 0, 0, 0, NAN, 0})}},
       "Pca: need components of length 1, got length nan in row 1"},
      {both,
       {{"components", Tensor<double>::from({2, 3}, {1e300, 0, 0, 0, 1, 0})}},
       "Pca: need components of length 1, got length inf in row 0"},
      {both, {{"mean", zeros({4})}}, "Pca: need mean [3], got [4]"},
      {both, {{"mean", three(0, 0, -INFINITY)}}, means + "-inf at position 2"},
      {both, {{"singular_values", zeros({1, 2})}}, "Pca: need singular_values [2], got [1, 2]"},
      {both, {{"singular_values", two(1, NAN)}}, lengths + "nan at position 1"},
      {both, {{"singular_values", two(1e300, 1)}}, lengths + "1e+300 at position 0"},
      {both, {{"singular_values", two(2, -1)}}, lengths + "-1 at position 1"},
      {both, {{"n_samples", number(1)}}, samples + "1"},
      {both, {{"n_samples", number(-5)}}, samples + "-5"},
      {both, {{"n_samples", number(std::ldexp(1, 60))}}, samples + "1152921504606846976"},
      {both, {{"n_samples", two(9, 9)}}, "array n_samples: need one number, got shape [2]"},
      {both, {{"n_samples", number(2.5)}}, "array n_samples: need integers of 64 bits, got 2.5 at position 0"},
      {both, {{"whiten", zeros({6})}}, "array whiten: need one number, got shape [6]"},

      {whole, {{"explained_variance", zeros({3})}}, "Pca: need explained_variance [2], got [3]"},
      {whole, {{"explained_variance", two(INFINITY, 1)}}, variances + "inf at position 0"},
      {whole, {{"explained_variance", two(2, -1)}}, variances + "-1 at position 1"},
      {whole,
       {{"explained_variance_ratio", two(0.5, -0.25)}},
       "Pca: need explained_variance_ratio from 0 to 1, got -0.25 at position 1"},
      {whole,
       {{"noise_variance", number(-1)}},
       "Pca: need noise_variance from 0 to 1.7976931348623157e+308, got -1 at position 0"},
      {whole,
       {{"noise_variance", number(NAN)}},
       "Pca: need noise_variance from 0 to 1.7976931348623157e+308, got nan at position 0"},

      {incremental, {{"squares", zeros({4})}}, "Pca: need squares [3], got [4]"},
      {incremental, {{"squares", three(1, -1, 1)}}, squares + "-1 at position 1"},
      {incremental, {{"squares", three(1, NAN, 1)}}, squares + "nan at position 1"},
      {incremental,
       {{"squares", three(1e308, 1e308, 1e308)}},
       "Pca: need data of a total variance of at most 1.7976931348623157e+308, got inf"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.words);
    write_changed(path, c.changes);
    const std::string expected = path.string() + ": " + c.words;
    if (c.loaders != incremental) {
      CHECK_THROWS_WITH_AS(load_pca<double>(path), expected.c_str(), FormatError);
    }
    if (c.loaders != whole) {
      CHECK_THROWS_WITH_AS(load_incremental_pca<double>(path), expected.c_str(), FormatError);
    }
  }
  CHECK_THROWS_AS(load_pca<double>(folder / "none.npz"), IoError);
  CHECK_THROWS_AS(load_incremental_pca<double>(folder / "none.npz"), IoError);
}

TEST_CASE("load_pca and load_incremental_pca: a file of double that float cannot hold is refused, and named") {
  const TemporaryFolder folder;
  const auto path = folder / "pca.npz";
  const Changes cases[] = {{{"singular_values", Tensor<double>::from({2}, {1e39, 1})}},
                           {{"mean", Tensor<double>::full({3}, 1e39)}}};
  for (const Changes& changes : cases) {
    write_changed(path, changes);
    CHECK(load_pca<double>(path).n_components() == 2);
    CHECK(load_incremental_pca<double>(path).n_components() == 2);
    const std::string words = changes.begin()->first + " from " + (changes.contains("mean") ? "-3.4028235e+38" : "0") +
                              " to 3.4028235e+38, got inf at position 0";
    CHECK_THROWS_WITH_AS(load_pca<float>(path), (path.string() + ": Pca: need " + words).c_str(), FormatError);
    CHECK_THROWS_WITH_AS(load_incremental_pca<float>(path), (path.string() + ": Pca: need " + words).c_str(),
                         FormatError);
  }
  write_changed(path, {{"explained_variance", Tensor<double>::from({2}, {1, 1e39})},
                       {"squares", Tensor<double>::from({3}, {8e39, 0, 0})}});
  CHECK_THROWS_WITH_AS(
      load_pca<float>(path),
      (path.string() + ": Pca: need explained_variance from 0 to 3.4028235e+38, got inf at position 1").c_str(),
      FormatError);
  CHECK_THROWS_WITH_AS(
      load_incremental_pca<float>(path),
      (path.string() + ": Pca: need data of a total variance of at most 3.4028235e+38, got 1e+39").c_str(),
      FormatError);
}

TEST_CASE("load_pca and load_incremental_pca: a file that is cut off is refused, and named") {
  const TemporaryFolder folder;
  const auto path = folder / "pca.npz";
  for (const bool batches : {false, true}) {
    const auto write = [&] {
      if (batches) {
        save_pca(path, IncrementalPca<float>({.n_components = 3}).partial_fit(normal<float>({20, 7}, 5)));
      } else {
        save_pca(path, Pca<float>(normal<float>({20, 7}, 5), {.n_components = 3}));
      }
    };
    for (std::uintmax_t part = 0; part < 20; ++part) {
      CAPTURE(part);
      write();
      std::filesystem::resize_file(path, std::filesystem::file_size(path) * part / 20);
      CHECK(error_of([&] { load_pca<float>(path); }).starts_with(path.string()));
      CHECK(error_of([&] { load_incremental_pca<float>(path); }).starts_with(path.string()));
    }
  }
}
