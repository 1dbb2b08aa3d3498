#!/usr/bin/python3
"""Times the study's networks here, in PyTorch and in ONNX Runtime, in turn, and prints one table.

  compare_study.py [--rounds N] [--cases SUBSTRING] [--calls N] [--no-untuned] [--json FILE]
                   [--onnx FOLDER] [--bench build/release/bin/steady_step]

Each round runs every case once as its own process, one side after the other, since a machine's speed drifts; each
takes the median of its steps. A single frame is timed --calls times, so that the slowest of a thousand can be told.
Needs what torch_study.py needs. FOLDER has autoencoder.onnx and encoder.onnx, exported by torch_study.py, and
node_modules/onnxruntime-node; without it there is no ONNX Runtime in the table. A side that does not run is left out,
and the table says why.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = [("train_step", "autoencoder", 64, 2), ("train_step", "decoder", 64, 2), ("train_step", "tagger", 64, 2),
         ("infer", "autoencoder", 64, 2), ("infer", "autoencoder", 1, 1), ("infer", "encoder", 1, 1),
         ("train_step", "denoiser", 32, 2), ("infer", "denoiser", 64, 2), ("infer", "denoiser", 1, 1)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", default="")
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--no-untuned", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--onnx")
    parser.add_argument("--bench", default=os.path.join(HERE, "../../build/release/bin/steady_step"))
    return parser.parse_args()


def name(case):
    kind, model, batch, threads = case
    return f"{kind}/{model}/batch:{batch}/threads:{threads}"


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def with_statistics(result):
    """The peers' list of milliseconds as steady_step sums up its own."""
    times = sorted(result.pop("ms"))
    late = times[math.ceil(0.999 * len(times)) - 1]
    return {**result, "median_ms": statistics.median(times), "least_ms": times[0], "p999_ms": late}


def ours(options, case):
    kind, model, batch, threads = case
    return run([options.bench, f"{kind}/{model}", str(batch), str(threads), steps(options, case)])


def torch(options, case, *more):
    kind, model, batch, threads = case
    return with_statistics(run(
        ["/usr/bin/python3", os.path.join(HERE, "torch_study.py"), "step", "--model", model,
         "--mode", "train" if kind == "train_step" else "infer", "--batch", str(batch),
         "--threads", str(threads), "--iterations", steps(options, case), *more]))


def onnx(options, case):
    kind, model, batch, threads = case
    return with_statistics(run(
        ["node", os.path.join(HERE, "onnx_study.mjs"), os.path.join(options.onnx, model + ".onnx"), options.onnx,
         str(batch), str(threads), steps(options, case)])) if kind == "infer" and model != "denoiser" else None


def steps(options, case):
    _, model, batch, _ = case
    return str(12 if batch > 1 else options.calls // 10 if model == "denoiser" else options.calls)


def measure(options, cases):
    """results[case name][side]: what each round gave; missing[side]: why there is nothing of it."""
    sides = {"engram": ours, "PyTorch tuned": torch}
    if not options.no_untuned:
        sides["PyTorch untuned"] = lambda *args: torch(*args, "--untuned")
    if options.onnx:
        sides["ONNX Runtime"] = onnx
    results = {name(case): {side: [] for side in sides} for case in cases}
    missing = {}
    for number in range(options.rounds):
        for case in cases:
            for side, time in sides.items():
                if side in missing:
                    continue
                if sys.stderr.isatty():
                    print(f"\rround {number + 1}/{options.rounds} {name(case)} {side}\033[K", end="", file=sys.stderr,
                          flush=True)
                try:
                    result = time(options, case)
                except (OSError, subprocess.CalledProcessError) as error:
                    why = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
                    if side == "engram":
                        sys.exit(f"compare_study.py: {why}")
                    missing[side] = why
                    continue
                if result is not None:
                    results[name(case)][side].append(result)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return results, missing


def print_table(results, missing):
    print("milliseconds: median of the rounds' medians (the least step); 99.9th percentile; peak memory")
    for case, sides in results.items():
        print(case)
        for side, rounds in sides.items():
            if not rounds:
                continue
            median, p999, memory = (statistics.median(r[key] for r in rounds)
                                    for key in ("median_ms", "p999_ms", "peak_MiB"))
            reference = statistics.median(r["median_ms"] for r in sides["engram"])
            ratio = "" if side == "engram" else f"  {median / reference:.2f} times engram's"
            late = f"  99.9 %: {p999:.2f}" if "batch:1/" in case else ""
            least = min(r["least_ms"] for r in rounds)
            print(f"  {side:16} {median:8.2f} ({least:.2f}){late}  {memory:.0f} MiB{ratio}")
    for side, why in missing.items():
        print(f"no {side}: {why}")


def main():
    options = arguments()
    results, missing = measure(options, [case for case in CASES if options.cases in name(case)])
    print_table(results, missing)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"results": results, "missing": missing}, file, indent=1)


main()
