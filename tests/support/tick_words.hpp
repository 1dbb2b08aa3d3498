#pragma once

#include <string>
#include <vector>

#include <engram/plot/words.hpp>

/// The words of an axis' numbers, a blank between them.
inline std::string words(const std::vector<engram::plot::Tick>& ticks) {
  std::string out;
  for (const engram::plot::Tick& tick : ticks) {
    out += (out.empty() ? "" : " ") + tick.words;
  }
  return out;
}
