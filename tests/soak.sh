#!/usr/bin/env bash
# What takes too long for each commit: the checks behind docs/reliability.md at full length, one after another (about 12
# hours on 2 cores). Nothing is skipped without a word; the exit status tells whether all of them passed.
#   tests/soak.sh [CHECK...]   CHECK: asan tsan valgrind kill memory bits mutants fuzz; all of them by default
# FUZZ_SECONDS: for each reader of files, 1800 by default.
set -uo pipefail
cd "$(dirname "$0")/.."
all=(asan tsan valgrind kill memory bits mutants fuzz)
[ $# -gt 0 ] || set -- "${all[@]}"
for check in "$@"; do
  [[ " ${all[*]} " == *" $check "* ]] || { echo "need some of ${all[*]}, got $check" >&2; exit 2; }
done
failed=()

check_asan() { tests/run.sh asan; }
check_tsan() { tests/run.sh tsan; }
check_valgrind() { tests/valgrind.sh; }
check_kill() {
  cmake --preset release >/dev/null && cmake --build --preset release --target kill_training &&
    tests/reliability/kill_training.sh build/release/bin/kill_training build/release/kill_training 100 40
}
check_memory() {
  cmake --preset release >/dev/null && cmake --build --preset release --target memory_soak &&
    build/release/bin/memory_soak 20000 1000
}
# GCC and Clang join a * b + c each in its own places, unless they are told not to.
check_bits() {
  local common=(-std=c++20 -ffp-contract=off -Iinclude -Itests tests/reliability/print_results.cpp -lz)
  mkdir -p build/bits &&
    g++ -O2 -fopenmp "${common[@]}" -o build/bits/gcc && build/bits/gcc >build/bits/gcc.txt &&
    clang++ -O1 -fopenmp=libomp "${common[@]}" -o build/bits/clang && build/bits/clang >build/bits/clang.txt &&
    diff build/bits/gcc.txt build/bits/clang.txt && echo "the same bits: $(wc -l <build/bits/gcc.txt) results"
}
check_mutants() { python3 tests/mutation_check.py -j 2; }
check_fuzz() { tests/fuzz/run.sh "${FUZZ_SECONDS:-1800}"; }

. examples/support/requirements.sh
require_packages examples study tests clang || exit
for check in "$@"; do
  printf '== %s\n' "$check"
  "check_$check" || failed+=("$check")
done
[ ${#failed[@]} = 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
echo "all passed: $*"
