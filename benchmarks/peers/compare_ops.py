#!/usr/bin/python3
"""Times each operation here and in PyTorch, in turn, and prints one table.

  compare_ops.py [--rounds N] [--threads N] [--seconds X] [--cases REGEX] [--markdown]
                 [--bench build/release/bin/ops_bench]

In each round ours and PyTorch's run one after the other for each group of cases, since a machine's speed drifts; each
takes the median of its passes. The table has the median and the minimum of the rounds. Needs what torch_ops.py needs.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = ["/usr/bin/python3", os.path.join(HERE, "torch_ops.py")]
OUR_SUFFIX = "/manual_time"  # which Google Benchmark adds to the names


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.05, help="to time each case for, in each round and side")
    parser.add_argument("--cases", default="", help="a regular expression that their names contain")
    parser.add_argument("--group", type=int, default=20, help="cases per process")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--bench", default=os.path.join(HERE, "../../build/release/bin/ops_bench"))
    return parser.parse_args()


def output(command):
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"compare_ops.py: {error}")


def case_names(options):
    """The names that both sides have, in the table's order; ends the program if they differ."""
    ours = [line.removesuffix(OUR_SUFFIX) for line in output([options.bench, "--benchmark_list_tests"]).split()]
    theirs = output(PEER + ["--list"]).split()
    for side, missing in (("PyTorch's side (torch_ops.py)", [name for name in ours if name not in theirs]),
                          ("engram's side (ops_cases.hpp)", [name for name in theirs if name not in ours])):
        if missing:
            sys.exit(f"compare_ops.py: missing on {side}: {', '.join(missing)}")
    names = [name for name in ours if name.endswith(f"/threads:{options.threads}") and re.search(options.cases, name)]
    if not names:
        sys.exit(f"compare_ops.py: no case on {options.threads} threads matches '{options.cases}'")
    return names


def run_ours(options, names):
    command = [options.bench, f"--benchmark_filter=^({'|'.join(names)}){OUR_SUFFIX}$", "--benchmark_format=json",
               f"--benchmark_min_time={options.seconds}"]
    results = json.loads(output(command))["benchmarks"]
    return {"peer": "engram", "threads": round(results[0]["threads"]),
            "ms": {result["name"].removesuffix(OUR_SUFFIX): result["median_ms"] for result in results}}


def run_theirs(options, names):
    return json.loads(output(PEER + ["--threads", str(options.threads), "--seconds", str(options.seconds), *names]))


def measure(options, names):
    """Milliseconds of each round by side and case, and a line about each side."""
    times = [{name: [] for name in names} for _ in range(2)]
    about = ["", ""]
    for number in range(options.rounds):
        for start in range(0, len(names), options.group):
            group = names[start:start + options.group]
            for side, run in enumerate((run_ours, run_theirs)):
                if sys.stderr.isatty():
                    print(f"\rround {number + 1}/{options.rounds} case {start + 1}/{len(names)}\033[K", end="",
                          file=sys.stderr, flush=True)
                result = run(options, group)
                about[side] = f"{result['peer']}, {result['threads']} threads"
                for name in group:
                    times[side][name].append(result["ms"][name])
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return times, about


def aligned(header, lines, markdown):
    if markdown:
        return "\n".join(f"| {' | '.join(line)} |" for line in [header, ["---"] + ["---:"] * (len(header) - 1)] + lines)
    widths = [max(len(line[column]) for line in [header] + lines) for column in range(len(header))]
    return "\n".join("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(line, widths))) for line in [header] + lines)


def main():
    options = arguments()
    names = case_names(options)
    (ours, theirs), about = measure(options, names)
    ratio = {name: statistics.median(theirs[name]) / statistics.median(ours[name]) for name in names}

    def time(runs):
        return f"{statistics.median(runs):.3f} ({min(runs):.3f})"

    def table(chosen):
        lines = [[name, time(ours[name]), time(theirs[name]), f"{ratio[name]:.2f}"] for name in chosen]
        return aligned(["case", "engram ms", "PyTorch ms", "ratio"], lines, options.markdown)

    print(f"{about[0]}; {about[1]}. {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}.")
    print(f"Milliseconds: median (minimum) of {options.rounds} rounds; ratio: PyTorch's median over engram's.\n")
    print(table(names))
    slower = sorted((name for name in names if ratio[name] < 1), key=ratio.get)
    print(f"\nengram is slower in {len(slower)} of {len(names)} cases{', the worst first:' if slower else '.'}")
    if slower:
        print("\n" + table(slower))


main()
