#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/io/image.hpp>

#include "support/temporary_folder.hpp"

using namespace engram;

TEST_CASE("list_images: images alone, in natural order") {
  const TemporaryFolder folder;
  for (const char* name : {"frame10.png", "frame2.png", "frame1.jpg", "b.jpeg", "a.bmp", "notes.txt", "frame3.png.bak",
                           "frame02.PNG", ".png", "frame2b.png"}) {
    write_file(folder / name, "");
  }
  std::vector<std::string> names;
  for (const auto& path : io::list_images(folder.path())) {
    names.push_back(path.filename().string());
  }
  CHECK(names == std::vector<std::string>{"a.bmp", "b.jpeg", "frame1.jpg", "frame02.PNG", "frame2.png", "frame2b.png",
                                          "frame10.png"});
}

TEST_CASE("list_images: natural order is an order, also of numbers beyond 64 bits and of leading zeros") {
  const std::vector<std::string> sorted{"",
                                        "0",
                                        "00",
                                        "0a",
                                        "01",
                                        "1",
                                        "1a",
                                        "01b",
                                        "2",
                                        "010",
                                        "10",
                                        "99999999999999999998",
                                        "99999999999999999999",
                                        "a",
                                        "a1",
                                        "a1b2",
                                        "a1b10",
                                        "a2",
                                        "ab"};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      CAPTURE(sorted[i]);
      CAPTURE(sorted[j]);
      CHECK(io::detail::natural_less(sorted[i], sorted[j]) == (i < j));
    }
  }
}

TEST_CASE("list_images: a folder without images, and none") {
  const TemporaryFolder folder;
  write_file(folder / "a.txt", "");
  CHECK_THROWS_WITH_AS(
      io::list_images(folder.path()),
      (folder.path().string() + ": need a folder with .png, .jpg, .jpeg or .bmp images, got none").c_str(),
      FormatError);
  CHECK_THROWS_WITH_AS(io::list_images("/nowhere"), "/nowhere: cannot be read: No such file or directory", IoError);
}
