#include <engram/io/hdf5.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

void write(hid_t file, const char* name, hid_t stored, hid_t in_memory, std::vector<hsize_t> extents, const void* data,
           bool compressed = false) {
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
  if (compressed) {
    H5Pset_chunk(how, static_cast<int>(extents.size()), extents.data());
    H5Pset_deflate(how, 6);
  }
  const hid_t set = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, how, H5P_DEFAULT);
  H5Dwrite(set, in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  H5Dclose(set);
  H5Pclose(how);
  H5Sclose(space);
}

std::string error_of(const std::filesystem::path& file, const std::string& dataset) {
  try {
    io::read_hdf5(file, dataset);
  } catch (const Error& error) {
    return std::string(error.what()).substr(file.parent_path().string().size() + 1);
  }
  return "none";
}

}  // namespace

TEST_CASE("read_hdf5: numbers of each kind, in groups, compressed, of either byte order") {
  const TemporaryFolder folder;
  const hid_t file = H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const std::vector<std::uint8_t> frames{0, 1, 2, 250, 251, 255};
  const std::vector<double> angles{0.5, -1.25};
  const std::vector<std::int32_t> counts{-5, 100'000};
  H5Gclose(H5Gcreate2(file, "session", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  write(file, "session/frames", H5T_STD_U8LE, H5T_NATIVE_UINT8, {1, 2, 3}, frames.data(), true);
  write(file, "angles", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, {2}, angles.data());
  write(file, "counts", H5T_STD_I32BE, H5T_NATIVE_INT32, {2, 1}, counts.data());
  H5Fclose(file);
  const io::Array read = io::read_hdf5(folder / "a.h5", "/session/frames");
  CHECK(read.dtype == io::DType::u8);
  CHECK(read.shape == Shape{1, 2, 3});
  CHECK(read.as<int>()[3] == 250);
  CHECK(io::read_hdf5(folder / "a.h5", "angles").as<double>()[1] == -1.25);
  CHECK(io::read_hdf5(folder / "a.h5", "counts").as<double>()[1] == 100'000);
  CHECK(error_of(folder / "a.h5", "frames") ==
        "a.h5: need a dataset called frames, got angles, counts, session/frames");
  CHECK(error_of(folder / "a.h5", "session") ==
        "a.h5: need a dataset called session, got angles, counts, session/frames");
}

TEST_CASE("read_hdf5: says what is wrong") {
  const TemporaryFolder folder;
  CHECK(error_of(folder / "none.h5", "a") == "none.h5: cannot be read: No such file or directory");
  write_file(folder / "text.h5", "no table at all");
  CHECK(error_of(folder / "text.h5", "a") == "text.h5: need an HDF5 file");
  const hid_t file = H5Fcreate((folder / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 4);
  write(file, "names", text, text, {1}, "abc");
  H5Tclose(text);
  H5Fclose(file);
  CHECK(error_of(folder / "a.h5", "names") ==
        "a.h5: dataset names: need an array of whole numbers or of single or double precision");
}
