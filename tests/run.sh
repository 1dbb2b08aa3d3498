#!/usr/bin/env bash
# Installs what is missing (Debian), builds, runs all tests.
#   tests/run.sh [PRESET [CTEST-OPTION...]]   PRESET: release (GCC), clang, asan, tsan
set -euo pipefail
preset=${1:-release}
case "$preset" in
  release|clang|asan|tsan) ;;
  *) sed -n '2,3s/^# *//p' "$0" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
. examples/support/requirements.sh
packages=(examples study tests)
[[ $preset != clang && $preset != tsan ]] || packages+=(clang)
require_packages "${packages[@]}"
if [ "$preset" = tsan ]; then  # OpenMP tells the thread sanitizer what waits for what; it cannot look into other libraries
  OMP_TOOL_LIBRARIES=$(clang++ -print-file-name=libarcher.so)
  export OMP_TOOL_LIBRARIES TSAN_OPTIONS=ignore_noninstrumented_modules=1
fi
cmake --preset "$preset"
cmake --build --preset "$preset"
ctest --preset "$preset" "${@:2}"
