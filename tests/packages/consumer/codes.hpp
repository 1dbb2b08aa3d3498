#pragma once

#include <engram/core/tensor.hpp>

/// Codes [N, 2] of rows [N, 8].
engram::Tensor<float> codes(const engram::Tensor<float>& rows);
