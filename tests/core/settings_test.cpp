#include <engram/core/settings.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using namespace engram;

TEST_CASE("Settings: keep their order, a second value replaces the first") {
  Settings s;
  s.set("width", 64);
  s.set("lr", 0.1);
  s.set("name", "a = b");
  s.set("width", 8);
  CHECK(s.lines() == std::vector<std::string>{"width=8", "lr=0.1", "name=a = b"});
  CHECK(s.entries().size() == 3);
}

TEST_CASE("Settings: lines bring everything back, down to the last bit of a double") {
  Settings s;
  s.set("third", 1.0 / 3);
  s.set("least", INT64_MIN);
  s.set("text", "x=y");
  s.set("empty", "");
  const auto back = Settings::from_lines(s.lines());
  CHECK(back.number<double>("third") == 1.0 / 3);
  CHECK(back.number<std::int64_t>("least") == INT64_MIN);
  CHECK(back.get("text") == "x=y");
  CHECK(back.get("empty") == "");
  CHECK(back.find("none") == nullptr);
}

TEST_CASE("Settings: what a line of a file cannot hold is refused") {
  Settings s;
  CHECK_THROWS_WITH_AS(s.set("a=b", 1), "Settings::set: need a name without '=' and zero bytes, got a=b",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(s.set(std::string("a\0", 2), 1),
                       "Settings::set: need a name without '=' and zero bytes, got a\\0", ArgumentError);
  CHECK_THROWS_WITH_AS(s.set("a", std::string("b\0", 2)),
                       "Settings::set: need a value of a without zero bytes, got 2 characters with one", ArgumentError);
  CHECK(s.entries().empty());
  CHECK_THROWS_WITH_AS(Settings::from_lines({std::string("a=b\0", 4)}), "need settings as name=value, got 'a=b\\0'",
                       FormatError);
}

TEST_CASE("Settings: errors name the setting and the value") {
  Settings s;
  s.set("width", "8x");
  s.set("large", "300");
  s.set("empty", "");
  CHECK_THROWS_WITH_AS(s.get("depth"), "need the setting depth, got none", FormatError);
  CHECK_THROWS_WITH_AS(s.number<int>("width"), "need a number for the setting width, got '8x'", FormatError);
  CHECK_THROWS_WITH_AS(s.number<std::int8_t>("large"), "need a number for the setting large, got '300'", FormatError);
  CHECK_THROWS_WITH_AS(s.number<double>("empty"), "need a number for the setting empty, got ''", FormatError);
  CHECK_THROWS_WITH_AS(Settings::from_lines({"a=1", "b"}), "need settings as name=value, got 'b'", FormatError);
}
