#!/usr/bin/env bash
# Compiles each header by itself, with nothing included before it: engram.h as C99 too.
#   headers_alone.sh [--without-tests] [COMPILER [OPTION...]]   COMPILER: c++; OPTION: what else it is to be told
# With --without-tests those headers that no test of their own includes first.
# JOBS is the number of compilers at a time, 1 unless set.
set -euo pipefail
cd "$(dirname "$0")/../include"
if [ "${1:-}" = --without-tests ]; then
  without_tests=yes
  shift
fi
compiler=(${1:-c++} -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -I. "${@:2}")
read -ra cairo <<<"$(pkg-config --cflags cairo)"
compiler+=("${cairo[@]}")

headers=(engram.h)
while IFS= read -r header; do
  test=../tests/${header#engram/}
  test=${test%.hpp}_test.cpp
  if [ -z "${without_tests:-}" ] || [ ! -f "$test" ] ||
    [ "$(grep -m 1 '^#include' "$test")" != "#include <$header>" ]; then
    headers+=("$header")
  fi
done < <(find engram -name '*.hpp' | sort)

alone() {  # alone HEADER COMPILER...
  printf '#include <%s>\n' "$1" | "${@:2}" -x c++ - || { echo "$1 does not compile alone" >&2; return 1; }
}
export -f alone
echo '#include <engram.h>' | cc -std=c99 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Werror -I. -x c -
printf '%s\n' "${headers[@]}" | xargs -P "${JOBS:-1}" -I{} bash -c 'alone "$@"' _ {} "${compiler[@]}"
echo "${#headers[@]} headers compile alone"
