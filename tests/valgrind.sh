#!/usr/bin/env bash
# Runs the whole study, on few frames, with each of its programs under valgrind.
#   tests/valgrind.sh
set -euo pipefail
[ $# = 0 ] || { sed -n '2,3s/^# *//p' "$0" >&2; exit 2; }
cd "$(dirname "$0")/.."
. examples/support/requirements.sh
require_packages examples study valgrind
cmake --preset release >/dev/null
cmake --build --preset release --target study_programs
out=$PWD/build/valgrind
rm -rf "$out"
mkdir -p "$out/bin"
for program in build/release/bin/*; do  # run_study takes the programs that lie beside it
  name=$(basename "$program")
  cat >"$out/bin/$name" <<END
#!/bin/sh
exec valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
  --suppressions="$PWD/tests/valgrind.txt" "$PWD/$program" "\$@"
END
  chmod +x "$out/bin/$name"
done
cp --remove-destination build/release/bin/run_study "$out/bin/"
OMP_WAIT_POLICY=passive "$out/bin/run_study" --frames 200 --epochs 1 --threads 2 --out "$out/study"
runs=$(find "$out/study/logs" -name "*.txt" | wc -l)
[ "$runs" -gt 0 ] || { echo "need the programs' words in $out/study/logs, got none" >&2; exit 1; }
if grep -rl "^==[0-9]*== " "$out/study/logs"; then
  exit 1
fi
echo "no error in $runs runs of programs"
