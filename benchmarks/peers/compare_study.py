#!/usr/bin/python3
"""Times the study's networks here and in PyTorch, in turn, and prints one table of medians and minima.

  compare_study.py [--rounds N] [--bench build/release/bin/study_bench] [--cases SUBSTRING]

Each round runs every case once as its own process, ours and PyTorch's one after the other, since a machine's speed
drifts. Needs what torch_study.py needs.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = [("train_step", "autoencoder", 64, 2), ("train_step", "decoder", 64, 2), ("train_step", "tagger", 64, 2),
         ("infer", "autoencoder", 64, 2), ("infer", "autoencoder", 1, 1)]


def ours(bench, case):
    kind, model, batch, threads = case
    name = f"{kind}/{model}/batch:{batch}/threads:{threads}"
    command = [bench, f"--benchmark_filter=^{name}$", "--benchmark_format=json", "--benchmark_min_time=1.5"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result, = json.loads(text)["benchmarks"]
    return [result["real_time"]], result["peak_MiB"]


def torch(case, *options):
    kind, model, batch, threads = case
    command = ["/usr/bin/python3", os.path.join(HERE, "torch_study.py"), "step", "--model", model,
               "--mode", "train" if kind == "train_step" else "infer", "--batch", str(batch),
               "--threads", str(threads), "--iterations", "12" if batch > 1 else "300", *options]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [statistics.median(result["ms"])], result["peak_MiB"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bench", default=os.path.join(HERE, "../../build/release/bin/study_bench"))
    parser.add_argument("--cases", default="")
    options = parser.parse_args()
    cases = [case for case in CASES if options.cases in "/".join(map(str, case))]
    sides = {"engram": lambda case: ours(options.bench, case), "PyTorch tuned": torch,
             "PyTorch untuned": lambda case: torch(case, "--untuned")}
    times = {(case, side): [] for case in cases for side in sides}
    memory = {}
    for number in range(options.rounds):
        for case in cases:
            for side, run in sides.items():
                if sys.stderr.isatty():
                    print(f"\rround {number + 1}/{options.rounds} {'/'.join(map(str, case))} {side}\033[K", end="",
                          file=sys.stderr, flush=True)
                milliseconds, memory[case, side] = run(case)
                times[case, side] += milliseconds
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print("milliseconds: median (minimum) of each side's runs; peak memory of the last one")
    for case in cases:
        kind, model, batch, threads = case
        print(f"{kind}/{model}/batch:{batch}/threads:{threads}")
        reference = statistics.median(times[case, "engram"])
        for side in sides:
            runs = times[case, side]
            ratio = "" if side == "engram" else f"  {statistics.median(runs) / reference:.2f} times engram's"
            print(f"  {side:16} {statistics.median(runs):8.2f} ({min(runs):.2f})  {memory[case, side]:.0f} MiB{ratio}")


main()
