// libFuzzer's entry: ENGRAM_FUZZ_TARGET names which of the targets it feeds. See run.sh.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "fuzz/repair_checksums.hpp"
#include "fuzz/targets.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

fuzz::Read target = nullptr;
void (*repair)(std::span<std::uint8_t>) = nullptr;  // of the format's checksums, where it has some

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  const char* name = std::getenv("ENGRAM_FUZZ_TARGET");
  const auto found = fuzz::targets().find(name == nullptr ? "" : name);
  if (found == fuzz::targets().end()) {
    std::fprintf(stderr, "ENGRAM_FUZZ_TARGET: need one of");
    for (const auto& [known, read] : fuzz::targets()) {
      std::fprintf(stderr, " %s", known.c_str());
    }
    std::fprintf(stderr, ", got %s\n", name == nullptr ? "none" : name);
    std::exit(2);
  }
  target = found->second;
  const bool may_be_npz = fuzz::is_npz(found->first) || found->first == "frames" || found->first == "labels";
  repair = may_be_npz ? fuzz::repair_npz : found->first == "image" ? fuzz::repair_png : nullptr;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)fuzz::read(target, {data, size});
  return 0;
}

/// What lies behind checksums would hardly be reached: most of what changes gets the right ones.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (repair != nullptr && seed % 8 != 0) {
    repair({data, size});
  }
  return size;
}
