#!/usr/bin/env bash
# Kills a training with SIGKILL at random moments and starts it again, until it has been killed so many times; then lets
# it come to its end, which must have the bits of a training that was never killed. After each kill the newest checkpoint
# must be whole.
#   kill_training.sh PROGRAM FOLDER [KILLS [EPOCHS]]   PROGRAM: kill_training; FOLDER is made anew; 100 kills, 30 epochs
set -euo pipefail
program=$1 folder=$2 kills=${3:-100} epochs=${4:-30}
rm -rf "$folder"
mkdir -p "$folder/whole" "$folder/killed"
"$program" train "$folder/whole" "$epochs"

killed=0 unsaved=0
while [ "$killed" -lt "$kills" ]; do
  "$program" train "$folder/killed" "$epochs" &
  sleep "$(printf 0.%03d $((20 + RANDOM % 110)))"
  # It has come to its end before its time: so does the count.
  kill -KILL $! 2>/dev/null || { echo "the training ended after $killed kills of $kills" >&2; exit 1; }
  wait $! 2>/dev/null || [ $? = 137 ] || { echo "the training ended after $killed kills of $kills" >&2; exit 1; }
  killed=$((killed + 1))
  if ls "$folder"/killed/checkpoints/checkpoint_*.npz >/dev/null 2>&1; then
    "$program" check "$folder/killed" >"$folder/step" || { echo "unreadable after kill $killed" >&2; exit 1; }
  else
    unsaved=$((unsaved + 1))
  fi
done
echo "$killed kills, $unsaved of them before the first checkpoint, the last after step $(cat "$folder/step")"
"$program" train "$folder/killed" "$epochs"
cmp "$folder/whole/model.npz" "$folder/killed/model.npz"
[ "$(find "$folder/killed" -name '*.tmp' | wc -l)" = 0 ] || { echo "half-written files were left" >&2; exit 1; }
# What has been trained to the end stays so, and its newest checkpoint is the last step's.
"$program" check "$folder/killed" >"$folder/step"
[ "$(cat "$folder/step")" = "$("$program" check "$folder/whole")" ]
echo "the same bits as without a kill, after step $(cat "$folder/step")"
