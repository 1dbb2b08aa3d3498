#!/usr/bin/env bash
# Installs and packages engram into WORK and builds a project of two source files that uses it, by each route.
#   check.sh WORK [CXX [BUILD]]   BUILD: a build of this project with libengram, to be installed and used from C
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
work=$1
export CXX=${2:-c++} CXXFLAGS=-O0
rm -rf "$work"
mkdir -p "$work"

version=$(sed -n 's/^#define ENGRAM_VERSION_[A-Z]* //p' "$source/include/engram/core/version.hpp" | paste -sd.)

says() {  # says WHAT PROGRAM
  local said
  said=$("$2")
  [ "$said" = "engram $version: codes [3, 2]" ] || { echo "$1: the consumer said '$said'" >&2; exit 1; }
  echo "$1: $said"
}
consume() {  # consume ROUTE CMAKE-OPTION...
  cmake -S "$here/consumer" -B "$work/$1" -G Ninja -DROUTE="${1%%-*}" "${@:2}" >"$work/log" || { cat "$work/log" >&2; exit 1; }
  cmake --build "$work/$1" >"$work/log" || { cat "$work/log" >&2; exit 1; }
  says "$1" "$work/$1/consumer"
  # Nothing of ours reaches the consumer but the folder of the headers and the language.
  if grep '"command"' "$work/$1/compile_commands.json" | grep -E -- ' -(W|f|m|D|include)'; then
    echo "$1: flags leak to the consumer" >&2; exit 1
  fi
}

cmake -S "$source" -B "$work/build" -G Ninja -DENGRAM_DEV=OFF -DCMAKE_INSTALL_PREFIX="$work/prefix" >/dev/null
cmake --install "$work/build" >/dev/null
consume find_package -DCMAKE_PREFIX_PATH="$work/prefix"
consume add_subdirectory -DENGRAM_SOURCE="$source"
consume FetchContent -DENGRAM_SOURCE="$source"

flags=$(PKG_CONFIG_PATH="$work/prefix/share/pkgconfig" pkg-config --cflags "engram >= 0.1")
# shellcheck disable=SC2086 # several words
"$CXX" -std=c++20 -O0 $flags "$here/consumer/main.cpp" "$here/consumer/codes.cpp" -static -o "$work/static"
says "pkg-config, static" "$work/static"

if [ $# -ge 3 ]; then
  cmake --install "$3" --prefix "$work/c" >/dev/null
  lib=$(dirname "$(find "$work/c" -name libengram.so)")
  # shellcheck disable=SC2046 # several words
  cc -std=c99 "$source/examples/c_api/frame_latency.c" \
    $(PKG_CONFIG_PATH="$lib/pkgconfig" pkg-config --cflags --libs engram-c) \
    -Wl,-rpath,"$lib" -o "$work/frame_latency"
  said=$("$work/frame_latency" nowhere 2>&1 || true)
  [ "$said" = "engram_load: nowhere: cannot be read: No such file or directory" ] ||
    { echo "pkg-config, C: the consumer said '$said'" >&2; exit 1; }
  echo "pkg-config, C: $said"
fi

command -v dpkg-deb >/dev/null || exit 0
(cd "$work/build" && cpack -B "$work" >/dev/null)
deb=$(echo "$work"/libengram-dev_*_all.deb)
dpkg-deb --extract "$deb" "$work/root"
[ -z "$(find "$work/root" -type f -not -path '*/include/engram/*' -not -path '*/include/engram.h' -not -path '*/cmake/engram/*' \
  -not -name engram.pc -not -name copyright)" ] || { echo "$deb holds more than it should" >&2; exit 1; }
consume find_package-deb -DCMAKE_PREFIX_PATH="$work/root/usr"
