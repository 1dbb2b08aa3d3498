#pragma once

namespace engram_bench {

/// Blocks that the process has asked malloc and its relatives for so far, `new` included; -1 where that is not counted
/// (without glibc, with a sanitizer). Counted in programs that heap_calls.cpp is linked into.
long heap_calls();

}  // namespace engram_bench
