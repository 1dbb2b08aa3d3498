#!/usr/bin/env bash
# What takes too long for each commit: the checks behind docs/reliability.md at full length, one after another (about 12
# hours on 2 cores). Nothing is skipped without a word; the exit status tells whether all of them passed.
#   tests/soak.sh [CHECK...]   CHECK: asan tsan kill bits mutants fuzz; all of them by default
# FUZZ_SECONDS: for each reader of files, 1800 by default.
set -uo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- asan tsan kill bits mutants fuzz
failed=()

build() {  # build PRESET TARGET...
  cmake --preset "$1" >/dev/null && cmake --build "build/$1" --target "${@:2}"
}

check_asan() { tests/run.sh asan; }
check_tsan() { tests/run.sh tsan; }
check_kill() {
  build release kill_training &&
    tests/reliability/kill_training.sh build/release/bin/kill_training build/release/kill_training 100 30
}
# The same bits from GCC and Clang, which both are told not to contract a * b + c by themselves where they might.
check_bits() {
  build release print_results && build clang print_results &&
    build/release/bin/print_results >build/release/results.txt && build/clang/bin/print_results >build/clang/results.txt &&
    diff build/release/results.txt build/clang/results.txt
}
check_mutants() { python3 tests/mutation_check.py -j 2; }
check_fuzz() { tests/fuzz/run.sh "${FUZZ_SECONDS:-1800}"; }

. examples/support/requirements.sh
require_packages examples study tests clang
for check in "$@"; do
  declare -F "check_$check" >/dev/null || { echo "need one of asan tsan kill bits mutants fuzz, got $check" >&2; exit 2; }
  printf '== %s\n' "$check"
  "check_$check" || failed+=("$check")
done
[ ${#failed[@]} = 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
echo "all passed: $*"
