#!/usr/bin/env bash
# A training that may take less and less memory: it ends in an error, not in a crash, and what it has saved is whole.
#   little_memory.sh PROGRAM FOLDER   PROGRAM: kill_training, without sanitizers; FOLDER is made anew
set -euo pipefail
program=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder/whole" "$folder/begun"
export OMP_NUM_THREADS=1  # OpenMP ends the process if it cannot start a thread
"$program" train "$folder/whole" 3
"$program" train "$folder/begun" 1
refused=0 openmp=0 enough=0
for ((kilobytes = 20000; kilobytes > 4000; kilobytes -= 150)); do
  rm -rf "$folder/run"
  cp -r "$folder/begun" "$folder/run"
  status=0
  (ulimit -v "$kilobytes" && exec "$program" train "$folder/run" 2) 2>"$folder/said" || status=$?
  "$program" check "$folder/run" >/dev/null
  case $status in
    0) enough=$((enough + 1)) ;;
    1) if grep -q "std::bad_alloc" "$folder/said"; then
         refused=$((refused + 1))
       elif grep -q "^libgomp: Out of memory" "$folder/said"; then  # OpenMP's own end
         openmp=$((openmp + 1))
       else
         cat "$folder/said" >&2; exit 1
       fi ;;
    *) grep -q "shared librar" "$folder/said" && break  # too little to start
       echo "status $status with $kilobytes kB: $(cat "$folder/said")" >&2; exit 1 ;;
  esac
done
echo "$enough limits of memory that sufficed, $refused that ended in std::bad_alloc, $openmp in an error of OpenMP's library"
[ "$refused" -gt 0 ]
"$program" train "$folder/run" 3
cmp "$folder/whole/model.npz" "$folder/run/model.npz"
