#include <doctest/doctest.h>

#include "golden/cases.hpp"

using namespace engram;

namespace {

/// Largest error of a case's outputs, after its loss sum(y * grad_y) was differentiated.
template <class T>
double case_error(const nlohmann::json& one) {
  golden::Inputs<T> in(one);
  const Variable<T> y = golden::operations<T>().at(one["op"])(in);
  Gradients<T> gradients = backward(in.has("grad_y") ? sum(y * Variable<T>(in["grad_y"].value())) : y);
  double worst = 0;
  for (const std::string name : one["outputs"]) {
    const auto expected = in.file.read(name).template as<double>();
    const Tensor<T>& found = name == "y"                 ? y.value()
                             : name.starts_with("grad_") ? gradients[in[name.substr(5)]]
                                                         : in.extra.at(name);
    worst = std::max(worst, golden::relative_error(found, expected));
  }
  return worst;
}

template <class T>
void check_all(double tolerance) {
  std::map<std::string, double> worst;
  for (const auto& one : golden::cases()) {
    const std::string op = one["op"];
    if (op == "optim" || op == "scheduler" || op == "model" || op == "clip_grad_norm") {
      continue;  // their own tests
    }
    CAPTURE(one["file"]);
    REQUIRE_MESSAGE(golden::operations<T>().contains(op), "no operation ", op);
    const double error = case_error<T>(one);
    CHECK(error < tolerance);
    worst[op] = std::max(worst[op], error);
  }
  for (const auto& [op, error] : worst) {
    MESSAGE(op, ": largest relative error ", error);
  }
  if (golden::is_shipped()) {
    CHECK(worst.size() == golden::operations<T>().size());
  }
}

}  // namespace

TEST_CASE("operations: outputs, gradients and running statistics as PyTorch's, in double") {
  check_all<double>(1e-10);
}

TEST_CASE("operations: outputs, gradients and running statistics as PyTorch's, in float") {
  check_all<float>(1e-4);
}
