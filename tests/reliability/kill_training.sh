#!/usr/bin/env bash
# Kills a training with SIGKILL at random moments and starts it again, until it has been killed so many times; then lets
# it come to its end, which must have the bits of a training that was never killed. After each kill the newest checkpoint
# must be whole, and of no earlier step than that of the kill before; all kills but the first come after a checkpoint has
# been saved. A training that comes to its end before is done anew.
#   kill_training.sh PROGRAM FOLDER [KILLS [EPOCHS]]   PROGRAM: kill_training; FOLDER is made anew; 100 kills, 40 epochs
set -euo pipefail
program=$1 folder=$2 kills=${3:-100} epochs=${4:-40}
rm -rf "$folder"
mkdir -p "$folder/whole" "$folder/killed"
now() { echo $(($(date +%s%N) / 1000000)); }  # milliseconds
begin=$(now)
"$program" train "$folder/whole" "$epochs"
longest=$((10 + 3 * ($(now) - begin) / (2 * kills)))  # so that the kills cover most of the training

random_seconds() {
  local delay=$((10 + RANDOM % longest))
  printf '%d.%03d' $((delay / 1000)) $((delay % 1000))
}

saved() { ls "$folder"/killed/checkpoints/checkpoint_*.npz >/dev/null 2>&1; }

killed=0 unsaved=0 reached=0
while [ "$killed" -lt "$kills" ]; do
  "$program" train "$folder/killed" "$epochs" &
  until [ "$unsaved" = 0 ] || saved || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
  sleep "$(random_seconds)"
  kill -KILL $! 2>/dev/null || true
  status=0
  wait $! 2>/dev/null || status=$?
  if [ "$status" = 0 ]; then  # it has come to its end: another, with less time between the kills
    cmp "$folder/whole/model.npz" "$folder/killed/model.npz"
    saved || { echo "a training to its end without a checkpoint" >&2; exit 1; }
    rm -rf "$folder/killed"
    mkdir "$folder/killed"
    reached=0
    longest=$((longest / 2 + 1))
    continue
  fi
  [ "$status" = 137 ] || { echo "the training failed after $killed kills" >&2; exit 1; }
  killed=$((killed + 1))
  if [ "$reached" -gt 0 ] || saved; then
    "$program" check "$folder/killed" >"$folder/step" || { echo "unreadable after kill $killed" >&2; exit 1; }
    step=$(cut -d, -f1 "$folder/step")
    [ "$step" -ge "$reached" ] || { echo "step $step after kill $killed, $reached before" >&2; exit 1; }
    reached=$step
  else
    [ "$unsaved" = 0 ] || { echo "no checkpoint after kill $killed, where there was one before it" >&2; exit 1; }
    unsaved=$((unsaved + 1))
  fi
done
echo "$killed kills, $unsaved of them before the first checkpoint, the last after step $(cat "$folder/step" 2>/dev/null || echo 0)"
"$program" train "$folder/killed" "$epochs"
cmp "$folder/whole/model.npz" "$folder/killed/model.npz"
[ "$(find "$folder/killed/checkpoints" -name '*.tmp' | wc -l)" = 0 ] || { echo "half-written files were left" >&2; exit 1; }
# What has been trained to the end stays so; its newest checkpoint and its best are of the same steps.
"$program" check "$folder/killed" >"$folder/step"
[ "$(cat "$folder/step")" = "$("$program" check "$folder/whole")" ]
echo "the same bits as without a kill, after step $(cat "$folder/step")"
