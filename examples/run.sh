#!/usr/bin/env bash
# The main job: from a recording to denoised frames. Installs what is missing (Debian), builds, trains, shows.
#   examples/run.sh [FRAMES [OUT]]   FRAMES: .npz, .npy or a folder of images; without it, the synthetic arena
# OUT (engram_run) gets the model and the pictures; a run that was interrupted goes on where it stopped.
set -euo pipefail
caller=$PWD
cd "$(dirname "$0")/.."
. examples/support/requirements.sh

case "${1:-}" in
  -h|--help) sed -n '2,4s/^# *//p' "$0"; exit 0 ;;
  "") frames="" ;;
  *)
    frames=$(cd "$caller" && realpath -m -- "$1")
    [ -e "$frames" ] || { echo "run.sh: $1: no such file or folder" >&2; exit 2; } ;;
esac
out=$(cd "$caller" && realpath -m -- "${2:-engram_run}")
require_packages examples
cmake --preset release >/dev/null
cmake --build --preset release --target make_arena train_autoencoder denoise compare_denoisers
bin=build/release/bin
mkdir -p "$out"
if [ -z "$frames" ]; then
  frames=$out/arena.npz
  "$bin/make_arena" --frames 10000 --seed 1 --out "$frames"
fi
resume=()
[ ! -e "$out/model/checkpoint.npz" ] || resume=(--resume)
"$bin/train_autoencoder" --images "$frames" --out "$out/model" --preset short "${resume[@]}"
"$bin/denoise" --model "$out/model" --images "$out/model/held_out.npz" --out "$out/denoised.npz"
"$bin/compare_denoisers" --model "$out/model" --images "$frames"
echo "Look at $out/denoised.png: held-out frames above, what the autoencoder makes of them below."
