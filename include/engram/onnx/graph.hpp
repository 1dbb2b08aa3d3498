#pragma once

#include <concepts>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/settings.hpp>
#include <engram/core/shape.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/protobuf.hpp>

namespace engram::onnx {

/// A named attribute of a node.
class Attribute {
 public:
  Attribute(std::string_view name, Index value) { message_.text(1, name).integer(3, value).integer(20, 2); }
  Attribute(std::string_view name, double value) {
    message_.text(1, name).float32(2, static_cast<float>(value)).integer(20, 1);
  }
  Attribute(std::string_view name, std::string_view value) { message_.text(1, name).text(4, value).integer(20, 3); }
  Attribute(std::string_view name, const char* value) : Attribute(name, std::string_view(value)) {}
  Attribute(std::string_view name, std::initializer_list<Index> values) {
    message_.text(1, name);
    for (const Index value : values) {
      message_.integer(8, value);
    }
    message_.integer(20, 7);
  }

  const io::ProtobufMessage& message() const { return message_; }

 private:
  io::ProtobufMessage message_;
};

/// A computation as ONNX describes it, put together node by node; values are known by their names. Numbers are float32.
/// Nothing but the wire format of Protocol Buffers is needed, which io/protobuf.hpp writes.
/// Source: onnx.proto and docs/Operators.md of github.com/onnx/onnx, operator set 17.
class Graph {
 public:
  /// What the graph gets: a batch of any size of items of this shape.
  std::string input(std::string_view name, const Shape& item) {
    names_.emplace_back(name);
    inputs_.push_back(value_info(name, item));
    return std::string(name);
  }

  /// Says that a value is a result, under this name.
  void output(const std::string& value, std::string_view name, const Shape& item) {
    use_name(name);
    nodes_.push_back(node_message("Identity", {value}, name, {}));
    outputs_.push_back(value_info(name, item));
  }

  /// Numbers that the graph holds, converted to float32.
  /// @param name  empty for one of its own
  template <std::floating_point T>
  std::string constant(const Tensor<T>& values, const std::string& name = {}) {
    std::string bytes;
    for (Index i = 0; i < values.size(); ++i) {
      const auto number = static_cast<float>(values[i]);
      bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
    }
    return add_constant(name, values.shape(), 1, bytes);
  }
  /// A list of integers.
  std::string constant(const std::vector<Index>& values) {
    std::string bytes;
    for (const Index value : values) {
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    return add_constant({}, Shape{std::ssize(values)}, 7, bytes);
  }
  /// One number, of no dimensions.
  std::string constant(double value) { return constant(Tensor<double>::full({}, value)); }

  /// Applies an operator. @returns the result's name
  std::string node(std::string_view operation, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {}) {
    const std::string name = free_name(operation);
    nodes_.push_back(node_message(operation, inputs, name, attributes));
    return name;
  }

  /// Writes the model.
  /// @param metadata  kept as metadata_props
  /// @throws IoError if the file cannot be written; a file that was there before is then still whole
  void write(const std::filesystem::path& path, const Settings& metadata = {}) const {
    io::ProtobufMessage graph;
    const auto add = [&graph](unsigned field, const std::vector<io::ProtobufMessage>& messages) {
      for (const auto& message : messages) {
        graph.message(field, message);
      }
    };
    add(1, nodes_);
    graph.text(2, "engram");
    add(5, constants_);
    add(11, inputs_);
    add(12, outputs_);
    io::ProtobufMessage model;
    model.integer(1, 8)
        .text(2, "engram")
        .message(7, graph)
        .message(8, io::ProtobufMessage().text(1, "").integer(2, 17));
    for (const auto& [name, value] : metadata.entries()) {
      model.message(14, io::ProtobufMessage().text(1, name).text(2, value));
    }
    io::write_atomically(path, model.bytes());
  }

 private:
  static io::ProtobufMessage node_message(std::string_view operation, const std::vector<std::string>& inputs,
                                          std::string_view output, const std::vector<Attribute>& attributes) {
    io::ProtobufMessage node;
    for (const std::string& input : inputs) {
      node.text(1, input);
    }
    node.text(2, output).text(3, output).text(4, operation);
    for (const Attribute& attribute : attributes) {
      node.message(5, attribute.message());
    }
    return node;
  }

  static io::ProtobufMessage value_info(std::string_view name, const Shape& item) {
    io::ProtobufMessage shape;
    shape.message(1, io::ProtobufMessage().text(2, "N"));
    for (const Index extent : item) {
      shape.message(1, io::ProtobufMessage().integer(1, extent));
    }
    const io::ProtobufMessage tensor = io::ProtobufMessage().integer(1, 1).message(2, shape);
    return io::ProtobufMessage().text(1, name).message(2, io::ProtobufMessage().message(1, tensor));
  }

  std::string add_constant(const std::string& name, const Shape& shape, Index type, std::string_view bytes) {
    const std::string known = name.empty() ? free_name("constant") : use_name(name);
    io::ProtobufMessage tensor;
    for (const Index extent : shape) {
      tensor.integer(1, extent);
    }
    constants_.push_back(tensor.integer(2, type).text(8, known).text(9, bytes));
    return known;
  }

  std::string use_name(std::string_view name) {
    for (const std::string& other : names_) {
      ensure<ArgumentError>(other != name, "onnx: need names that differ, got ", name, " twice");
    }
    return names_.emplace_back(name);
  }
  std::string free_name(std::string_view kind) { return use_name(text(kind, "_", ++numbered_)); }

  std::vector<std::string> names_;
  Index numbered_ = 0;
  std::vector<io::ProtobufMessage> nodes_;
  std::vector<io::ProtobufMessage> constants_;
  std::vector<io::ProtobufMessage> inputs_;
  std::vector<io::ProtobufMessage> outputs_;
};

}  // namespace engram::onnx
