#include <engram/train/history.hpp>

#include <doctest/doctest.h>

#include <engram/io/csv.hpp>
#include <engram/io/file.hpp>
#include <engram/train/history_files.hpp>

#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

train::History two_epochs() {
  train::History history({"psnr"});
  history.add({1, 10, 1e-3, 0.5, NAN, 2, 40, NAN});
  history.add({2, 20, 1e-4, 0.25, 0.3, 2, 40, 17.5});
  return history;
}

}  // namespace

TEST_CASE("History: the latest value of a column, nan before the first") {
  CHECK(std::isnan(train::History().last("lr")));
  CHECK(two_epochs().last("psnr") == 17.5);
  CHECK(two_epochs().metrics().size() == 1);
  CHECK_THROWS_WITH_AS(two_epochs().last("loss"),
                       "History: need one of the columns epoch, step, lr, train_loss, validation_loss, seconds, "
                       "images_per_second, psnr, "
                       "got loss",
                       ArgumentError);
}

TEST_CASE("History: what was measured of a column, without nan") {
  CHECK(two_epochs().measured("validation_loss") == std::vector<double>{0.3});
  CHECK(two_epochs().measured("train_loss") == std::vector<double>{0.5, 0.25});
  CHECK(train::History().measured("lr").empty());
  CHECK_THROWS_WITH_AS(two_epochs().measured("loss"),
                       "History: need one of the columns epoch, step, lr, train_loss, validation_loss, seconds, "
                       "images_per_second, psnr, "
                       "got loss",
                       ArgumentError);
}

TEST_CASE("History: a row of another length is refused") {
  train::History history;
  CHECK_THROWS_WITH_AS(history.add({1, 2}), "History: need 7 values, got 2", ShapeError);
  CHECK(history.rows().empty());
}

TEST_CASE("history files: CSV and JSON hold the same table; what was not measured is empty or null") {
  const TemporaryFolder folder;
  const auto history = two_epochs();
  train::write_history_csv(folder / "history.csv", history);
  const auto table = io::read_csv(folder / "history.csv");
  CHECK(table.columns == history.columns());
  CHECK(table.values[2] == 1e-3);
  CHECK(std::isnan(table.values[4]));
  CHECK(table.values[15] == 17.5);
  train::write_history_json(folder / "history.json", history);
  const auto json = nlohmann::json::parse(io::read_text(folder / "history.json"));
  REQUIRE(json.size() == 2);
  CHECK(json[0]["validation_loss"].is_null());
  CHECK(json[1]["psnr"] == 17.5);
}
