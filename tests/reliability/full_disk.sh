#!/usr/bin/env bash
# A training whose disk fills up, becomes read-only, or whose folder vanishes, on a small file system of its own: a clear
# error each time, the last checkpoint whole, and it goes on to the same bits when the cause is gone.
#   full_disk.sh PROGRAM FOLDER   PROGRAM: kill_training; FOLDER is made anew. Status 77 where nothing can be mounted
set -euo pipefail
program=$1 folder=$2
if [ "${ENGRAM_OWN_MOUNTS:-}" != 1 ]; then
  unshare --mount --map-root-user true 2>/dev/null || { echo "no file systems can be mounted: skipped" >&2; exit 77; }
  ENGRAM_OWN_MOUNTS=1 exec unshare --mount --map-root-user "$0" "$@"
fi
rm -rf "$folder"
mkdir -p "$folder/whole" "$folder/disk"
mount -t tmpfs -o size=2m tmpfs "$folder/disk" || { echo "no tmpfs can be mounted: skipped" >&2; exit 77; }
"$program" train "$folder/whole" 4

run=$folder/disk/run
fails() {  # fails EPOCHS WORDS: the training ends with an error that says so, and its checkpoints are those of before
  local before
  before=$("$program" check "$run")
  if "$program" train "$run" "$1" 2>"$folder/said"; then
    echo "no error on: $2" >&2; exit 1
  fi
  grep -q "$2" "$folder/said" || { cat "$folder/said" >&2; exit 1; }
  [ "$("$program" check "$run")" = "$before" ] || { echo "other checkpoints than before: $2" >&2; exit 1; }
  cat "$folder/said"
}

mkdir "$run"
"$program" train "$run" 1
head -c 4m /dev/zero >"$folder/disk/ballast" 2>/dev/null || true
fails 2 "checkpoints/.*: cannot be written: No space left on device"
rm "$folder/disk/ballast"
"$program" train "$run" 2
mount -o remount,ro "$folder/disk"
fails 3 "Read-only file system"
mount -o remount,rw "$folder/disk"
"$program" train "$run" 3
"$program" train "$run" 4
cmp "$folder/whole/model.npz" "$run/model.npz"

# The folder vanishes under a training; it goes on when the folder is back.
rm -rf "$run"
mkdir "$run"
"$program" train "$folder/whole" 30
"$program" train "$run" 30 2>"$folder/said" &
until ls "$run"/checkpoints/*.npz >/dev/null 2>&1 || ! kill -0 $! 2>/dev/null; do sleep 0.01; done
mv "$run" "$folder/disk/gone"
if wait $!; then
  echo "no error when the folder had vanished" >&2; exit 1
fi
cat "$folder/said"
grep -q "checkpoints.*: No such file or directory" "$folder/said"
[ ! -e "$run" ] || { echo "a new folder in the place of the one that has gone" >&2; exit 1; }
mv "$folder/disk/gone" "$run"
"$program" check "$run" >/dev/null
"$program" train "$run" 30
cmp "$folder/whole/model.npz" "$run/model.npz"
echo "the same bits as on a disk with room"
