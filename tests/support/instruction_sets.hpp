#pragma once

#include <string>
#include <vector>

#include <engram/kernels/simd/instruction_sets.hpp>

/// What is compiled for one instruction set.
template <class V>
struct ForInstructionSet {
  std::string name;
  V value;
};

/// Those that this processor can run.
template <class V>
std::vector<ForInstructionSet<V>> runnable(const V& avx512, const V& avx2, const V& baseline) {
  using engram::kernels::simd::instruction_set;
  using engram::kernels::simd::InstructionSet;
  std::vector<ForInstructionSet<V>> all{{"baseline", baseline}};
  if (instruction_set() != InstructionSet::baseline) {
    all.push_back({"avx2", avx2});
  }
  if (instruction_set() == InstructionSet::avx512) {
    all.push_back({"avx512", avx512});
  }
  return all;
}
