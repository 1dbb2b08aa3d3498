#include <engram/denoising/settings.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace engram;

TEST_CASE("denoising settings: blind spots and noise come back as they were") {
  Settings settings;
  const data::BlindSpotOptions spots{
      .spacing = 4, .fill = data::BlindSpotFill::neighbor, .radius = 2, .along_rows = 3, .along_columns = 1};
  const std::vector<denoising::NoiseCurve> noise{{{0.1, 0.3}, {0.01, 1.0 / 3}}, {{0.5}, {0.02}}};
  denoising::write_options(settings, spots);
  denoising::write_noise(settings, noise);
  const auto spots_back = denoising::read_blind_spots(settings);
  CHECK(spots_back.spacing == 4);
  CHECK(spots_back.fill == data::BlindSpotFill::neighbor);
  CHECK(spots_back.radius == 2);
  CHECK(spots_back.along_rows == 3);
  CHECK(spots_back.along_columns == 1);
  const auto noise_back = denoising::read_noise(settings, 2);
  REQUIRE(noise_back.size() == 2);
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(noise_back[c].levels == noise[c].levels);
    CHECK(noise_back[c].deviations == noise[c].deviations);
  }
}

TEST_CASE("denoising settings: what is missing or out of order is refused") {
  Settings settings;
  denoising::write_noise(settings, {{{0.3}, {1}}});
  CHECK_THROWS_WITH_AS(denoising::read_noise(settings, 2), "need the setting noise.1.points, got none", FormatError);
  const auto refusal = [](const denoising::NoiseCurve& curve) -> std::string {
    Settings of_curve;
    denoising::write_noise(of_curve, {curve});
    try {
      denoising::read_noise(of_curve, 1);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "nothing";
  };
  CHECK(refusal({{0.3, 0.1}, {1, 1}}) == "need finite and rising levels for the setting noise.0.1.level, got 0.1");
  CHECK(refusal({{std::nan("")}, {1}}) == "need finite and rising levels for the setting noise.0.0.level, got nan");
  CHECK(refusal({{0.3}, {-5}}) == "need a finite number >= 0 for the setting noise.0.0.deviation, got -5");
  CHECK(refusal({}) == "need 1 or more for the setting noise.0.points, got 0");
  CHECK(refusal({{0.3}, {0}}) == "nothing");
}
