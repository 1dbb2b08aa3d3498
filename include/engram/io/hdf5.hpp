#pragma once

#include <hdf5.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/io/array.hpp>
#include <engram/io/file.hpp>

// HDF5 through its C library: link it (pkg-config hdf5, on Debian hdf5-serial). The library trusts its files:
// version 1.10.8 ends the process on some that are damaged. Read files that you do not trust in a process of their own.

namespace engram::io {

namespace detail {

/// An object of HDF5's library that is closed at the end.
class Hdf5Handle {
 public:
  Hdf5Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  ~Hdf5Handle() {
    if (id_ >= 0) {
      close_(id_);
    }
  }
  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

/// While it lives, the library prints nothing about its errors.
class QuietHdf5 {
 public:
  QuietHdf5() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  QuietHdf5(const QuietHdf5&) = delete;
  QuietHdf5& operator=(const QuietHdf5&) = delete;
  ~QuietHdf5() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// The type in memory of numbers of a file.
/// @returns false for what are no numbers, or of sizes that there is no type for
inline bool hdf5_type(hid_t stored, DType& dtype, hid_t& in_memory) {
  struct Known {
    H5T_class_t kind;
    std::size_t size;
    H5T_sign_t sign;
    DType dtype;
    hid_t in_memory;
  };
  const Known known[] = {{H5T_INTEGER, 1, H5T_SGN_NONE, DType::u8, H5T_NATIVE_UINT8},
                         {H5T_INTEGER, 2, H5T_SGN_NONE, DType::u16, H5T_NATIVE_UINT16},
                         {H5T_INTEGER, 4, H5T_SGN_NONE, DType::u32, H5T_NATIVE_UINT32},
                         {H5T_INTEGER, 8, H5T_SGN_NONE, DType::u64, H5T_NATIVE_UINT64},
                         {H5T_INTEGER, 1, H5T_SGN_2, DType::i8, H5T_NATIVE_INT8},
                         {H5T_INTEGER, 2, H5T_SGN_2, DType::i16, H5T_NATIVE_INT16},
                         {H5T_INTEGER, 4, H5T_SGN_2, DType::i32, H5T_NATIVE_INT32},
                         {H5T_INTEGER, 8, H5T_SGN_2, DType::i64, H5T_NATIVE_INT64},
                         {H5T_FLOAT, 4, H5T_SGN_ERROR, DType::f32, H5T_NATIVE_FLOAT},
                         {H5T_FLOAT, 8, H5T_SGN_ERROR, DType::f64, H5T_NATIVE_DOUBLE}};
  const H5T_class_t kind = H5Tget_class(stored);
  const H5T_sign_t sign = kind == H5T_INTEGER ? H5Tget_sign(stored) : H5T_SGN_ERROR;
  for (const Known& type : known) {
    if (type.kind == kind && type.size == H5Tget_size(stored) && type.sign == sign) {
      dtype = type.dtype;
      in_memory = type.in_memory;
      return true;
    }
  }
  return false;
}

inline std::string dataset_names(hid_t file) {
  std::string names;
  const auto add = [](hid_t /*group*/, const char* name, const H5O_info_t* info, void* all) -> herr_t {
    if (info->type == H5O_TYPE_DATASET) {
      auto& text = *static_cast<std::string*>(all);
      text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return 0;
  };
#if H5_VERSION_GE(1, 12, 0)
  H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_NATIVE, add, &names, H5O_INFO_BASIC);
#else
  H5Ovisit1(file, H5_INDEX_NAME, H5_ITER_NATIVE, add, &names);
#endif
  return names.empty() ? "none" : names;
}

}  // namespace detail

/// Reads an array of numbers from an HDF5 file.
/// @param dataset  its path in the file, as "/session/frames"
/// @throws IoError, FormatError naming the file: if there is no such dataset (the text lists those that there are), it
/// holds no numbers, or is damaged
inline Array read_hdf5(const std::filesystem::path& path, const std::string& dataset) {
  const InputFile can_be_read(path);
  const detail::QuietHdf5 quiet;
  const detail::Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  ensure<FormatError>(file.valid(), path.string(), ": need an HDF5 file");
  const detail::Hdf5Handle data(H5Dopen2(file.get(), dataset.c_str(), H5P_DEFAULT), H5Dclose);
  if (!data.valid()) {
    fail<FormatError>(path.string(), ": need a dataset called ", dataset, ", got ", detail::dataset_names(file.get()));
  }
  const detail::Hdf5Handle space(H5Dget_space(data.get()), H5Sclose);
  const detail::Hdf5Handle stored(H5Dget_type(data.get()), H5Tclose);
  const int rank = H5Sget_simple_extent_ndims(space.get());
  Array array;
  hid_t in_memory = H5I_INVALID_HID;
  ensure<FormatError>(rank >= 0 && detail::hdf5_type(stored.get(), array.dtype, in_memory), path.string(), ": dataset ",
                      dataset, ": need an array of whole numbers or of single or double precision");
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  ensure<FormatError>(rank <= Shape::max_rank, path.string(), ": dataset ", dataset, ": need at most ", Shape::max_rank,
                      " axes, got ", rank);
  const std::vector<Index> shape(extents.begin(), extents.end());
  array.shape = Shape(std::span<const Index>(shape));
  array.bytes.resize(static_cast<std::size_t>(array.shape.size()) * H5Tget_size(stored.get()));
  const bool read =
      array.bytes.empty() || H5Dread(data.get(), in_memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.bytes.data()) >= 0;
  ensure<FormatError>(read, path.string(), ": dataset ", dataset,
                      ": cannot be read: it is damaged or compressed by a filter "
                      "that HDF5 does not find");
  return array;
}

}  // namespace engram::io
