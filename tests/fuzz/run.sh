#!/usr/bin/env bash
# Feeds each reader of files with what libFuzzer makes of the samples in corpus/, under ASan and UBSan.
#   tests/fuzz/run.sh SECONDS [TARGET...]
# Each target takes SECONDS; without names all of them but hdf5, whose library does not stand it, two at a time. What was
# found is in build/fuzz/TARGET/crash-*; log.txt beside it tells how many executions there were.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-} corpus=tests/fuzz/corpus
shift || true
for target in "$@"; do
  [ -d "$corpus/$target" ] || { echo "need targets among" $(ls "$corpus") "got $target" >&2; exit 2; }
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "usage: tests/fuzz/run.sh SECONDS [TARGET...]" >&2; exit 2; }
. examples/support/requirements.sh
require_packages tests clang
cmake --preset fuzz
cmake --build --preset fuzz
[ $# -gt 0 ] || set -- $(ls "$corpus" | grep -vx hdf5)
fuzz() {
  local out=build/fuzz/$1
  mkdir -p "$out/found"
  ENGRAM_FUZZ_TARGET=$1 OMP_NUM_THREADS=1 TMPDIR=/dev/shm ASAN_OPTIONS=detect_leaks=1 build/fuzz/bin/engram_fuzzer \
    -max_total_time="$2" -timeout=20 -malloc_limit_mb=512 -max_len=32768 -print_final_stats=1 \
    -artifact_prefix="$out/" "$out/found" "tests/fuzz/corpus/$1" >"$out/log.txt" 2>&1
  local status=$?
  printf '%-16s %s executions, %s\n' "$1" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/log.txt")" \
    "$([ $status = 0 ] && echo "no finding" || echo "FOUND, see $out/log.txt")"
  return $status
}
export -f fuzz
printf '%s\n' "$@" | xargs -P 2 -I TARGET bash -c "fuzz TARGET $seconds"
