// Prints the checksum of each result of results.hpp, to compare compilers and machines: see tests/soak.sh.
#include <cstdio>

#include "reliability/results.hpp"

int main() {
  for (const auto& [name, compute] : reliability::results()) {
    std::printf("%-24s %08x\n", name.c_str(), compute());
  }
  return 0;
}
