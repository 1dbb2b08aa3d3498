#include <engram/data/load_tracks.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

data::Tracks tracks_of(std::string_view content, const std::string& individual = "") {
  const TemporaryFolder folder;
  write_file(folder / "tracks.csv", content);
  return data::load_tracks(folder / "tracks.csv", individual);
}

template <class E>
std::string track_error(std::string_view content, const std::string& individual = "") {
  try {
    tracks_of(content, individual);
  } catch (const E& error) {
    const std::string what = error.what();
    return what.substr(what.find("tracks.csv"));
  }
  return "none";
}

}  // namespace

TEST_CASE("load_tracks: DeepLabCut's three header rows") {
  const auto tracks = tracks_of(
      "scorer,DLC_resnet50,DLC_resnet50,DLC_resnet50,DLC_resnet50,DLC_resnet50,DLC_resnet50\n"
      "bodyparts,neck,neck,neck,tail base,tail base,tail base\n"
      "coords,x,y,likelihood,x,y,likelihood\n"
      "0,10.5,20,0.99,1,2,0.5\n"
      "1,11,21,0.98,,,\n");
  CHECK(tracks.points == std::vector<std::string>{"neck", "tail base"});
  CHECK(tracks.size() == 2);
  CHECK(tracks.has_every_frame);
  CHECK(tracks.x[0] == 10.5);
  CHECK(tracks.y[2] == 21);
  CHECK(tracks.likelihood[1] == 0.5);
  CHECK(std::isnan(tracks.x[3]));
  CHECK(tracks.find("tail base") == 1);
}

TEST_CASE("load_tracks: one of DeepLabCut's several animals") {
  const std::string content =
      "scorer,s,s,s,s,s,s\n"
      "individuals,mouse1,mouse1,mouse1,mouse2,mouse2,mouse2\n"
      "bodyparts,nose,nose,nose,nose,nose,nose\n"
      "coords,x,y,likelihood,x,y,likelihood\n"
      "0,1,2,0.9,3,4,0.8\n";
  CHECK(tracks_of(content, "mouse2").x[0] == 3);
  CHECK(tracks_of(content, "mouse1").likelihood[0] == 0.9);
  CHECK(track_error<ArgumentError>(content) ==
        "tracks.csv: need the name of one of its 2 animals, such as mouse1, got none");
  CHECK(track_error<ArgumentError>(content, "rat") ==
        "tracks.csv: need the name of one of its 2 animals, such as mouse1, got rat");
}

TEST_CASE("load_tracks: SLEAP's analysis, which leaves out frames without an animal") {
  const std::string content =
      "track,frame_idx,instance.score,nose.x,nose.y,nose.score,tail.x,tail.y,tail.score\n"
      "track_0,0,0.9,1,2,0.8,3,4,0.7\n"
      "track_0,3,0.9,5,6,0.8,,,\n";
  const auto tracks = tracks_of(content);
  CHECK(tracks.points == std::vector<std::string>{"nose", "tail"});
  CHECK(tracks.size() == 4);
  CHECK_FALSE(tracks.has_every_frame);
  CHECK(tracks.x[0] == 1);
  CHECK(std::isnan(tracks.x[2]));  // frame 1
  CHECK(tracks.x[6] == 5);
  CHECK(tracks.likelihood[1] == 0.7);

  const std::string two = content + "track_1,3,0.9,7,8,0.8,9,10,0.8\n";
  CHECK(tracks_of(two, "track_1").x[6] == 7);
  CHECK(track_error<ArgumentError>(two) ==
        "tracks.csv: need the name of one of its 2 animals, such as track_0, got none");
  CHECK(track_error<ArgumentError>(two, "track_7") ==
        "tracks.csv: need the name of one of its 2 animals, such as track_0, got track_7");
}

TEST_CASE("load_tracks: SLEAP's frames without an animal, and points set by hand, which have no score") {
  const auto tracks = tracks_of(
      "track,frame_idx,instance.score,nose.x,nose.y,nose.score\n"
      ",0,,,,\n"
      "track_0,1,,5,6,\n"
      ",2,,,,\n");
  CHECK(tracks.size() == 3);
  CHECK_FALSE(tracks.has_every_frame);  // there could be more
  CHECK(std::isnan(tracks.x[0]));
  CHECK(tracks.x[1] == 5);
  CHECK(tracks.likelihood[1] == 1);
  // What has no name is not the animal that is asked for.
  const auto named = tracks_of(
      "track,frame_idx,nose.x,nose.y\n"
      "track_0,0,5,6\n"
      ",1,7,8\n"
      "track_0,2,9,10\n",
      "track_0");
  CHECK(std::isnan(named.x[1]));
  CHECK(named.x[2] == 9);
  // Nor are the two one animal.
  CHECK(track_error<ArgumentError>("track,frame_idx,nose.x,nose.y\ntrack_0,0,5,6\n,1,7,8\n") ==
        "tracks.csv: need the name of one of its 2 animals, such as track_0 (other rows name none), got none");
}

TEST_CASE("load_tracks: plain columns, with other ones between them") {
  const auto named =
      tracks_of("time,nose_x,nose_y,left_ear_x,left_ear_y,left_ear_likelihood\n0.1,1,2,3,4,0.5\n0.2,5,6,7,8,1\n");
  CHECK(named.points == std::vector<std::string>{"nose", "left_ear"});
  CHECK(named.x[3] == 7);
  CHECK(named.likelihood[1] == 0.5);
  CHECK(named.likelihood[0] == 1);
  const auto alone = tracks_of("frame,x,y\n2,1,2\n0,3,4\n");
  CHECK(alone.points == std::vector<std::string>{"animal"});
  CHECK(alone.size() == 3);
  CHECK(alone.x[2] == 1);
  CHECK(std::isnan(alone.x[1]));
  CHECK(tracks_of("words,x,y\nabc,1,2\n").x[0] == 1);
}

TEST_CASE("load_tracks: says what is wrong") {
  CHECK(track_error<FormatError>("") == "tracks.csv: need tracks, got an empty file");
  CHECK(track_error<FormatError>("nose_x,nose_y\n1\n") == "tracks.csv: line 2: need 2 cells, got 1");
  CHECK(track_error<FormatError>("nose_x,nose_y\n1,b\n") == "tracks.csv: line 2, column 2: need a number, got 'b'");
  CHECK(track_error<FormatError>("nose_x,tail_y\n1,2\n") ==
        "tracks.csv: need one column x and one column y of the point nose");
  CHECK(track_error<FormatError>("a,b\n1,2\n") ==
        "tracks.csv: need columns such as nose_x and nose_y and at least one row, got 0 points in 1 rows");
  CHECK(track_error<FormatError>("frame,x,y\n-1,1,2\n") == "tracks.csv: need frame numbers from 0 on, got -1 in row 0");
  CHECK(track_error<FormatError>("frame,x,y\n999999999,1,2\n") ==
        "tracks.csv: need frame numbers below 1001000 in a table of 1 rows, got 999999999 in row 0");
  CHECK(track_error<FormatError>("frame,x,y\n0,1,2\n0.5,1,2\n") ==
        "tracks.csv: need frame numbers from 0 on, got 0.5 in row 1");
  CHECK(track_error<FormatError>("frame_idx,x,y\n0,1,2\n3,1,2\n3,4,5\n") ==
        "tracks.csv: need one row for each frame, got several of frame 3; does the file hold several animals without "
        "names?");
  CHECK(
      track_error<ArgumentError>("x,y\n1,2\n", "rat") ==
      "tracks.csv: need tracks that name their animals to find rat, got some that name none: without the individual's "
      "name they can be read");
  CHECK(track_error<FormatError>("scorer,a,a,a\nbodyparts,n,n,n\n0,1,2,3\n") ==
        "tracks.csv: line 3: need a header of DeepLabCut: scorer, bodyparts, coords, got 0");
  CHECK(track_error<FormatError>("scorer,a,a\nbodyparts,n,n\n") ==
        "tracks.csv: need header lines of DeepLabCut of one length: scorer, bodyparts, coords");
}
