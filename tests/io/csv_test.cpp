#include <engram/io/csv.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace engram;
using Names = std::vector<std::string>;

namespace {

io::Table parsed(const std::string& content) {
  const TemporaryFolder folder;
  write_file(folder / "t.csv", content);
  return io::read_csv(folder / "t.csv");
}

/// What is wrong with the content, without the path.
std::string csv_error(const std::string& content) {
  const TemporaryFolder folder;
  const std::string path = (folder / "t.csv").string();
  write_file(path, content);
  try {
    io::read_csv(path);
  } catch (const FormatError& error) {
    const std::string what = error.what();
    return what.starts_with(path + ": ") ? what.substr(path.size() + 2) : "not the file's name: " + what;
  }
  return "no error";
}

void check_values(const io::Table& table, const Shape& shape, const std::vector<double>& expected) {
  REQUIRE(table.values.shape() == shape);
  for (Index i = 0; i < table.values.size(); ++i) {
    CAPTURE(i);
    const double value = expected[static_cast<std::size_t>(i)];
    CHECK((table.values[i] == value || (std::isnan(table.values[i]) && std::isnan(value))));
  }
}

}  // namespace

TEST_CASE("read_csv: named columns and numbers in all their spellings") {
  const auto table = parsed("x,angle,z\n1,-2.5,+3\n.5,1e3,-1E-3\n");
  CHECK(table.columns == Names{"x", "angle", "z"});
  check_values(table, {2, 3}, {1, -2.5, 3, 0.5, 1000, -0.001});
}

TEST_CASE("read_csv: byte order mark, CRLF, no line break at the end, blank lines, blanks around cells") {
  const auto table = parsed("\xEF\xBB\xBFx , y\r\n1,\t2\r\n\r\n 3 ,4 \r\n  \r\n5,6");
  CHECK(table.columns == Names{"x", "y"});
  check_values(table, {3, 2}, {1, 2, 3, 4, 5, 6});
}

TEST_CASE("read_csv: quoted cells hold commas, doubled quotes and numbers") {
  const auto table = parsed("\"x, in mm\",\"say \"\"y\"\"\" , plain\n\"1\", \"2\" ,3\n");
  CHECK(table.columns == Names{"x, in mm", "say \"y\"", "plain"});
  check_values(table, {1, 3}, {1, 2, 3});
}

TEST_CASE("read_csv: empty cells, nan and NA are NaN, infinities stay") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  check_values(parsed("a,b,c\n,nan,NA\nNaN,\"\",\n-inf,inf,0\n"), {3, 3},
               {nan, nan, nan, nan, nan, nan, -INFINITY, INFINITY, 0});
}

TEST_CASE("read_csv: a header alone is a table of no rows") {
  check_values(parsed("a,b\n"), {0, 2}, {});
}

TEST_CASE("read_csv: a cell that is no number is named by line and column") {
  CHECK(csv_error("x,y\n1,2\n3,four\n") == "line 3, column y: need a number, got 'four'");
  CHECK(csv_error("x,y\n\n1;2,3\n") == "line 3, column x: need a number, got '1;2'");
  CHECK(csv_error("x\n+-1\n") == "line 2, column x: need a number, got '+-1'");
  CHECK(csv_error("x\n0x10\n") == "line 2, column x: need a number, got '0x10'");
  CHECK(csv_error("x\n1e999\n") == "line 2, column x: need a number, got '1e999'");
}

TEST_CASE("read_csv: rows of another length and open quotes are named by line") {
  CHECK(csv_error("x,y\n1,2\n3\n") == "line 3: need 2 cells, got 1");
  CHECK(csv_error("x,y\n1,2,\n") == "line 2: need 2 cells, got 3");
  CHECK(csv_error("x,y\n\"1,2\n") == "line 2: need closed quotes");
  CHECK(csv_error("x,y\n\"1\"0,2\n") == "line 2: need closed quotes");
  CHECK(csv_error("x\n1,5\n") == "line 2: need 1 cell, got 2");
}

TEST_CASE("read_csv: the first name may be empty, as that of pandas' index") {
  const auto table = parsed(",x\n0,5\n1,6\n");
  CHECK(table.columns == Names{"", "x"});
  check_values(table, {2, 2}, {0, 5, 1, 6});
}

TEST_CASE("read_csv: needs a line of names") {
  CHECK(csv_error("") == "need a first line that names the columns, got an empty file");
  CHECK(csv_error("\xEF\xBB\xBF\r\n\n") == "need a first line that names the columns, got an empty file");
  CHECK(csv_error("1,2\n3,4\n") == "need a first line that names the columns, got '1' in it");
  CHECK(csv_error("x,,y\n1,2,3\n") == "need a first line that names the columns, got '' in it");
  CHECK(csv_error("x,y,x\n1,2,3\n") == "need columns of different names, got two called x");
}

TEST_CASE("read_csv: a table separated by semicolons is told from one of a single column") {
  CHECK(csv_error("x;y\n1;2\n") == "need names separated by commas, got semicolons");
  CHECK(csv_error("\"x\";\"y\"\n1,5;2,5\n") == "need names separated by commas, got semicolons");
  CHECK(parsed("\"x;y\"\n1\n").columns == Names{"x;y"});
  CHECK(parsed("x;y,z\n1,2\n").columns == Names{"x;y", "z"});
}

TEST_CASE("CsvReader: words and numbers row by row, each with its line in the file") {
  const TemporaryFolder folder;
  const std::string path = (folder / "t.csv").string();
  write_file(path, "species,size\n\"owl, barn\",1\n\n ,2.5\n");
  io::CsvReader file(path);
  CHECK(file.columns() == Names{"species", "size"});
  REQUIRE(file.next());
  CHECK(file.cells() == Names{"owl, barn", "1"});
  CHECK(file.line() == 2);
  CHECK_THROWS_WITH_AS(file.number(0), (path + ": line 2, column species: need a number, got 'owl, barn'").c_str(),
                       FormatError);
  REQUIRE(file.next());
  CHECK(file.cells() == Names{"", "2.5"});
  CHECK(file.line() == 4);
  CHECK(std::isnan(file.number(0)));
  CHECK(file.number(1) == 2.5);
  CHECK_FALSE(file.next());
}

TEST_CASE("csv_cell: words come back, in quotes only where they need them") {
  CHECK(io::csv_cell("barn owl") == "barn owl");
  CHECK(io::csv_cell("a,b") == "\"a,b\"");
  CHECK(io::csv_cell("say \"a\"") == "\"say \"\"a\"\"\"");
  CHECK(io::csv_cell(" a") == "\" a\"");
  CHECK(io::csv_cell("a;b") == "\"a;b\"");
  CHECK(io::csv_cell("a\nb") == "\"a\nb\"");
}

TEST_CASE("read_csv: text in UTF-16, as spreadsheets save it, is refused") {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", std::string("\xFF\xFEx\0\n\0", 6));
  CHECK_THROWS_WITH_AS(io::read_csv(folder / "a.csv"),
                       ((folder / "a.csv").string() + ": need text in UTF-8, got UTF-16").c_str(), FormatError);
}

TEST_CASE("Table: an unknown column lists those that there are") {
  CHECK_THROWS_WITH_AS(parsed("x,y\n1,2\n").column("z"), "need a column called z, got x, y", ArgumentError);
}

TEST_CASE("read_csv: a missing file") {
  CHECK_THROWS_WITH_AS(io::read_csv("/nowhere/t.csv"), "/nowhere/t.csv: cannot be read: No such file or directory",
                       IoError);
}

TEST_CASE("write_csv: every number and name comes back") {
  const TemporaryFolder folder;
  const std::vector<double> values{0.1, -1e300, 5e-324, 1.0 / 3, -0.0, INFINITY, NAN, 12345678901234568.0};
  io::write_csv(folder / "t.csv",
                {.columns = {"a,b", "\"c\""}, .values = Tensor<double>::from({4, 2}, std::span(values))});
  const auto table = io::read_csv(folder / "t.csv");
  CHECK(table.columns == Names{"a,b", "\"c\""});
  check_values(table, {4, 2}, values);
}

TEST_CASE("write_csv: NaN in a table of one column remains a row") {
  const TemporaryFolder folder;
  io::write_csv(folder / "t.csv", {.columns = {"x"}, .values = Tensor<double>::from({3, 1}, {1, NAN, 2})});
  check_values(io::read_csv(folder / "t.csv"), {3, 1}, {1, NAN, 2});
}

TEST_CASE("write_csv: needs one name per column, of one line each") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(
      io::write_csv(folder / "t.csv", {.columns = {"x", "a\nb"}, .values = Tensor<double>::zeros({1, 2})}),
      "write_csv: need names of one line, got line breaks in that of column 1", ArgumentError);
  CHECK(folder.entries() == 0);
  CHECK_THROWS_WITH_AS(io::write_csv("/nowhere", {.columns = {"x"}, .values = Tensor<double>::zeros({4, 2})}),
                       "write_csv: need values [rows, 1], got [4, 2]", ShapeError);
}
