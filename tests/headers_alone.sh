#!/usr/bin/env bash
# Compiles each header by itself, with nothing included before it, and engram.h as C99 too; then all of them together,
# which must define nothing that a second source file would define again.
#   headers_alone.sh [COMPILER [OPTION...]]   COMPILER: c++
# JOBS is the number of compilers at a time, 1 unless set. It takes a second or two for each of the headers.
set -euo pipefail
cd "$(dirname "$0")/../include"
compiler=("${1:-c++}" "${@:2}" -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -I.)
for library in cairo hdf5-serial; do
  read -ra flags <<<"$(pkg-config --cflags $library)"
  compiler+=("${flags[@]}")
done

alone() {  # alone HEADER COMPILER...
  printf '#include <%s>\n' "$1" | "${@:2}" -fsyntax-only -x c++ - || { echo "$1 does not compile alone" >&2; return 1; }
}
export -f alone
echo '#include <engram.h>' | cc -std=c99 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Werror -I. -x c -
mapfile -t headers < <(find engram.h engram -name '*.h' -o -name '*.hpp' | sort)
printf '%s\n' "${headers[@]}" | xargs -P "${JOBS:-1}" -I{} bash -c 'alone "$@"' _ {} "${compiler[@]}"
echo "${#headers[@]} headers compile alone"

object=$(mktemp)
trap 'rm -f "$object"' EXIT
printf '#include <%s>\n' "${headers[@]}" | grep -v extern_templates/ | grep -v c_api/ |
  "${compiler[@]}" -O0 -c -x c++ - -o "$object"
if nm -C "$object" | grep -E ' [ABCDGRST] '; then
  echo "these would be defined once in each source file: they need to be inline" >&2
  exit 1
fi
echo "they define nothing twice"
