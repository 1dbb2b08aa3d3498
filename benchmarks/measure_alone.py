#!/usr/bin/python3
"""What is measured without a peer: compiler flags, growth with batch and threads, compilation. Writes JSON.

  measure_alone.py --json FILE [--rounds N] [--largest 512] [--build NAME=FOLDER ...]

Each round runs everything once, every case as its own process. --build names builds of steady_step with other flags
(FOLDER/bin/steady_step), which run in turn; the first one is also used for the growth.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
CASES = ("train_step/autoencoder", "infer/autoencoder")


def step(build, case, batch, threads):
    """What steady_step tells of enough steps for about 512 frames."""
    command = [os.path.join(build, "bin/steady_step"), case, str(batch), str(threads),
               str(min(64, max(6, 512 // batch)))]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["median_ms"]


def growth_points(largest):
    """Case, batch, threads: batches 8, 16, ... on two threads, one thread at 64, small batches on both."""
    batches = [8 * 2 ** i for i in range(7) if 8 * 2 ** i <= largest]
    return ([(case, batch, 2) for case in CASES for batch in batches] + [(case, 64, 1) for case in CASES] +
            [("infer/autoencoder", batch, threads) for batch in (1, 2, 4) for threads in (1, 2)] +
            [("infer/autoencoder", 8, 1)])


def compile_file(arguments):
    """The compiler's processor time in seconds and peak MiB (the largest of its processes)."""
    process = subprocess.Popen(["g++", "-std=c++20", "-O2", "-fopenmp", "-I" + os.path.join(ROOT, "include"),
                                *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("measure_alone.py: the compiler failed")
    return {"seconds": usage.ru_utime + usage.ru_stime, "peak_MiB": usage.ru_maxrss / 1024}


def compilations(folder):
    umbrella = os.path.join(folder, "umbrella.cpp")
    with open(umbrella, "w") as file:
        file.write("#include <engram/engram.hpp>\n")
    return {"quick_start": compile_file([os.path.join(ROOT, "examples/quick_start.cpp"), "-o",
                                         os.path.join(folder, "quick_start")]),
            "umbrella": compile_file(["-c", umbrella, "-o", os.path.join(folder, "umbrella.o")])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--largest", type=int, default=512, help="batch")
    parser.add_argument("--build", action="append", metavar="NAME=FOLDER")
    options = parser.parse_args()
    builds = dict(build.split("=", 1) for build in
                  options.build or ["O3=" + os.path.join(ROOT, "build/release")])
    first = next(iter(builds.values()))
    result = {"builds": {name: {case: [] for case in CASES} for name in builds}, "growth": [], "compile": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for case in CASES:
                for name, build in builds.items():
                    result["builds"][name][case].append(step(build, case, 64, 2))
            result["growth"].append([{"case": case, "batch": batch, "threads": threads,
                                      "ms": step(first, case, batch, threads)}
                                     for case, batch, threads in growth_points(options.largest)])
            result["compile"].append(compilations(folder))
    with open(options.json, "w") as file:
        json.dump(result, file, indent=1)


main()
