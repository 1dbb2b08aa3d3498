#!/usr/bin/env bash
# All targets in one go: installs what is missing (Debian), builds, measures the machine and us beside our peers in turn,
# prints one table of ratios.
#   benchmarks/run.sh [--rounds N] [--quick] [--kernels]
# --rounds N: everything is measured N times, 3 by default, and the table has medians. --quick: one short round, to see
# that it works. --kernels: afterwards each kernel's GFLOP/s or GB/s and its share of the machine's peak.
# A peer that cannot be installed is a row that says so. Let nothing else run meanwhile.
set -euo pipefail
rounds=3
calls=5000
largest=512
kernels=no
while [ $# -gt 0 ]; do
  case "$1" in
    --rounds) rounds=${2:?need a number of rounds}; shift ;;
    --quick) rounds=1; calls=500; largest=64 ;;
    --kernels) kernels=yes ;;
    -h|--help) sed -n '2,7s/^# *//p' "$0"; exit 0 ;;
    *) sed -n '2,7s/^# *//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
cd "$(dirname "$0")/.."
. examples/support/requirements.sh
require_packages examples tests
require_packages peers || echo "Going on without some of the peers"
peers=build/peers
out=build/benchmarks
mkdir -p "$peers" "$out"
rm -f "$out"/*.json

echo "Building: -O2, -O3 -march=native"
build() {  # build FOLDER FLAGS TARGET...
  cmake -S . -B "$1" -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS_RELEASE=$2 -DNDEBUG" >/dev/null
  cmake --build "$1" --target "${@:3}" >/dev/null
}
build build/release -O2 machine_peaks steady_step gemm_against_openblas
build build/release-native "-O3 -march=native" steady_step

[ -d "$peers/node_modules/onnxruntime-node" ] ||
  npm install --prefix "$peers" --ignore-scripts --no-audit --no-fund --silent onnxruntime-node@1 ||
  echo "Going on without ONNX Runtime"
for model in autoencoder encoder; do
  [ -e "$peers/$model.onnx" ] ||
    benchmarks/peers/torch_study.py export --untuned --model "$model" --out "$peers/$model.onnx" ||
    echo "Going on without $model.onnx: it is exported from PyTorch"
done

echo "Measuring $rounds rounds; the machine's load is$(uptime | sed 's/.*average[s]*://')"
bin=build/release/bin
"$bin/machine_peaks" --json >"$out/machine.json"
benchmarks/peers/compare_study.py --rounds "$rounds" --calls "$calls" --no-untuned --onnx "$peers" \
  --bench "$bin/steady_step" --json "$out/study.json"
# Threads of two libraries that spin while they wait would starve each other.
OMP_WAIT_POLICY=passive "$bin/gemm_against_openblas" --rounds $((2 * rounds + 1)) --json >"$out/gemm.json" || rm -f "$out/gemm.json"
benchmarks/measure_alone.py --rounds "$rounds" --largest "$largest" --json "$out/alone.json" \
  --build O2=build/release --build native=build/release-native
echo
benchmarks/table.py "$out" | tee "$out/table.md"

if [ "$kernels" = yes ]; then
  for bench in conv2d_bench gemm_bench batch_norm_bench; do
    cmake --build build/release --target "$bench" >/dev/null
    "$bin/$bench" --benchmark_min_time=0.2
  done
fi
