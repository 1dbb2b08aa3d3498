#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include <engram/io/file.hpp>

#include "fuzz/targets.hpp"
#include "support/resource_limit.hpp"

using namespace engram;

namespace {

const std::filesystem::path corpus = std::filesystem::path(ENGRAM_TEST_DIR) / "fuzz" / "corpus";

}  // namespace

TEST_CASE("fuzz: what the fuzzer begins with and what it found give a result or an engram::Error, and take no memory") {
  const auto limit = support::limit_memory(rlim_t{64} << 20);
  for (const auto& target : fuzz::targets()) {
    int can_be_read = 0;
    for (const auto& entry : std::filesystem::directory_iterator(corpus / target.first)) {
      INFO(entry.path().string());
      const std::vector<std::byte> bytes = io::read_bytes(entry.path());
      const std::span<const std::uint8_t> numbers(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      CHECK_NOTHROW(can_be_read += fuzz::read(target.second, numbers) ? 1 : 0);
    }
    CHECK_MESSAGE(can_be_read > 0, target.first);  // the samples
  }
}
