#include <engram/embed/pca/file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
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

/// A file as save_pca writes it of a PCA of 2 components and 3 columns, but with `array` set to `values`, or left out.
template <class T>
void write_changed(const std::filesystem::path& path, const std::string& array, const Tensor<T>* values) {
  const std::string format[] = {"engram pca"};
  io::NpzWriter file(path);
  const auto add = [&](const std::string& name, const auto& usual) {
    if (name != array) {
      file.add(name, usual);
    } else if (values != nullptr) {
      file.add(name, *values);
    }
  };
  add("format", std::span<const std::string>(format));
  add("version", Tensor<std::int64_t>::full({}, 1));
  add("components", Tensor<double>::from({2, 3}, {1, 0, 0, 0, 1, 0}));
  add("explained_variance", Tensor<double>::from({2}, {2, 1}));
  add("explained_variance_ratio", Tensor<double>::from({2}, {0.5, 0.25}));
  add("singular_values", Tensor<double>::from({2}, {2, 1}));
  add("mean", Tensor<double>::zeros({3}));
  add("noise_variance", Tensor<double>::full({}, 1));
  add("n_samples", Tensor<std::int64_t>::full({}, 9));
  add("whiten", Tensor<std::uint8_t>::full({}, 0));
  file.commit();
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

TEST_CASE("load_pca: what does not fit is named with its file and array") {
  const TemporaryFolder folder;
  const auto path = folder / "pca.npz";
  const auto refuses = [&](const std::string& array, const Tensor<double>* values, const std::string& error) {
    CAPTURE(array);
    write_changed(path, array, values);
    CHECK_THROWS_WITH_AS(load_pca<double>(path), (path.string() + ": " + error).c_str(), FormatError);
  };
  write_changed<double>(path, "", nullptr);
  CHECK(load_pca<double>(path).n_components() == 2);
  CHECK_THROWS_WITH_AS(load_incremental_pca<double>(path),
                       (path.string() + ": need the file of an IncrementalPca, which has an array squares").c_str(),
                       FormatError);

  refuses("format", nullptr, "need a PCA file, whose array format is \"engram pca\"");
  const auto two = Tensor<double>::full({}, 2);
  refuses("format", &two, "need a PCA file, whose array format is \"engram pca\"");
  refuses("version", &two, "array version: need 1, got 2");
  refuses("mean", nullptr,
          "need an array called mean, got format, version, components, explained_variance, explained_variance_ratio, "
          "singular_values, noise_variance, n_samples, whiten");
  const auto long_mean = Tensor<double>::zeros({4});
  refuses("mean", &long_mean,
          "Pca: need components [K, D], mean [D] and explained_variance, explained_variance_ratio and singular_values "
          "[K], got [2, 3], [4], [2], [2] and [2]");
  const auto flat = Tensor<double>::zeros({6});
  refuses("components", &flat, "array components: need shape [K, D], got [6]");
  const auto bad = Tensor<double>::from({2}, {1, NAN});
  refuses("singular_values", &bad, "array singular_values: need finite numbers, got nan at position 1");
  const auto one = Tensor<double>::full({}, 1);
  refuses("n_samples", &one, "array n_samples: need 2 or more, got 1");
  refuses("noise_variance", &bad, "array noise_variance: need finite numbers, got nan at position 1");
  refuses("whiten", &flat, "array whiten: need one number, got shape [6]");
  CHECK_THROWS_AS(load_pca<double>(folder / "none.npz"), IoError);
}
