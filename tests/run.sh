#!/usr/bin/env bash
# Installs what is missing (Debian), builds, runs all tests.
#   tests/run.sh [PRESET [CTEST-OPTION...]]   PRESET: release (GCC), clang, asan
set -euo pipefail
preset=${1:-release}
case "$preset" in
  release|clang|asan) ;;
  *) sed -n '2,3s/^# *//p' "$0" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
. examples/support/requirements.sh
packages=(examples study tests)
[ "$preset" != clang ] || packages+=(clang)
require_packages "${packages[@]}"
cmake --preset "$preset"
cmake --build --preset "$preset"
ctest --preset "$preset" "${@:2}"
