#!/usr/bin/env bash
# The main job: the whole study, from a recording to a report. Installs what is missing (Debian), builds, runs.
#   examples/run.sh [FRAMES [OUT]] [OPTION...]
# FRAMES: .npz, .npy, a movie or a folder of images; without it, the synthetic arena. OUT gets models, tables, figures and
# report.html; it is engram_run/arena or engram_run/NAME-OF-FRAMES by default. OPTIONs go to run_study, such as
# --preset standard. A run that was interrupted goes on where it stopped.
set -euo pipefail

case "${1:-}" in
  -h|--help) sed -n '2,6s/^# *//p' "$0"; exit 0 ;;
esac
absolute() { case "$1" in /*) printf '%s\n' "$1" ;; *) printf '%s\n' "$PWD/$1" ;; esac; }
recording=()
name=arena
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
  if [ -n "$1" ]; then
    [ -e "$1" ] || { echo "run.sh: $1: no such file or folder" >&2; exit 2; }
    recording=(--images "$(absolute "${1%/}")")
    name=$(basename "${1%/}")
    name=${name%.np[yz]}
  fi
  shift
fi
out=engram_run/$name
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
  out=${1:-$out}
  shift
fi
out=$(absolute "$out")

cd "$(dirname "$0")/.."
. examples/support/requirements.sh
require_packages examples study
cmake --preset release >/dev/null
cmake --build --preset release --target study_programs
exec build/release/bin/run_study "${recording[@]}" --out "$out" "$@"
