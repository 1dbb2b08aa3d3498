#!/usr/bin/env bash
# The main job: from a recording to denoised frames. Installs what is missing (Debian), builds, trains, shows.
#   examples/run.sh [FRAMES [OUT [OPTION...]]]
# FRAMES: .npz, .npy or a folder of images; without it, the synthetic arena. OUT gets the model and the pictures; it is
# engram_run/arena or engram_run/NAME-OF-FRAMES by default. OPTIONs go to train_autoencoder, such as --maximum 255.
# A run that was interrupted goes on where it stopped.
set -euo pipefail

case "${1:-}" in
  -h|--help) sed -n '2,6s/^# *//p' "$0"; exit 0 ;;
esac
absolute() { case "$1" in /*) printf '%s\n' "$1" ;; *) printf '%s\n' "$PWD/$1" ;; esac; }
frames=""
name=arena
if [ -n "${1:-}" ]; then
  [ -e "$1" ] || { echo "run.sh: $1: no such file or folder" >&2; exit 2; }
  frames=$(absolute "${1%/}")
  name=$(basename "${1%/}")
  name=${name%.np[yz]}
fi
out=$(absolute "${2:-engram_run/$name}")
[ $# -le 2 ] && set -- || shift 2

cd "$(dirname "$0")/.."
. examples/support/requirements.sh
require_packages examples
cmake --preset release >/dev/null
cmake --build --preset release --target make_arena train_autoencoder denoise compare_denoisers
bin=build/release/bin
mkdir -p "$out"
if [ -z "$frames" ]; then
  frames=$out/arena.npz
  [ -e "$frames" ] || "$bin/make_arena" --frames 10000 --seed 1 --out "$frames"
fi
[ ! -e "$out/model/checkpoint.npz" ] || set -- --resume "$@"
"$bin/train_autoencoder" --images "$frames" --out "$out/model" --preset short "$@"
"$bin/denoise" --model "$out/model" --images "$out/model/held_out.npz" --out "$out/denoised.npz"
"$bin/compare_denoisers" --model "$out/model" --images "$frames"
echo "Look at $out/denoised.png: held-out frames above, what the autoencoder makes of them below."
