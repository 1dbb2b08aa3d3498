#!/usr/bin/python3
"""Puts what run.sh measured into one Markdown table: table.py FOLDER

FOLDER has machine.json (machine_peaks), study.json (compare_study.py), gemm.json (gemm_against_openblas) and alone.json
(measure_alone.py); rows of what is missing say so. Figures are medians of the rounds; a ratio above 1 means that engram
is that many times as fast, or as small, as the peer.
"""
import json
import os
import platform
import re
import subprocess
import sys
import time
from statistics import median

FOLDER = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
TRAINING = {"autoencoder": (2, 3.5), "decoder": (2, 3.5), "tagger": (1.5, 2.5)}  # times tuned PyTorch: must, goal


def load(name):
    try:
        with open(os.path.join(FOLDER, name)) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def reached(met):
    return "yes" if met else "no"


def ms(time):
    return f"{time:.2f} ms" if time < 10 else f"{time:.1f} ms"


def no_rows(what, why):
    return [(what, why, "", "", "", "")]


def middle(rounds, key):
    return median(r[key] for r in rounds)


def against(study, case, peer, what, target, met, more=lambda rounds: ""):
    """A row of times beside one peer's. target and met(ratio, rounds of ours): "" and none if there is no target."""
    sides = study["results"].get(case, {})
    ours, theirs = sides.get("engram"), sides.get(peer)
    if not ours:
        return (what, "not measured", "", "", target, "")
    our_time = middle(ours, "median_ms")
    shown = f"{ms(our_time)}{more(ours)}"
    if not theirs:
        return (what, shown, f"{peer}: {study['missing'].get(peer, 'not installed')}", "", target, met(0, ours))
    ratio = middle(theirs, "median_ms") / our_time
    return (what, shown, f"{ms(middle(theirs, 'median_ms'))}{more(theirs)}, {peer}", f"{ratio:.2f}", target,
            met(ratio, ours))


def training_rows(study):
    for model, (must, goal) in TRAINING.items():
        yield against(study, f"train_step/{model}/batch:64/threads:2", "PyTorch tuned",
                      f"training step, {model}, batch 64, 2 threads", f"{must}, goal {goal}",
                      lambda ratio, _: "goal" if ratio >= goal else reached(ratio >= must) if ratio else "")


def inference_rows(study):
    case = "infer/autoencoder/batch:64/threads:2"
    what = "denoising, batch 64, 2 threads"
    yield against(study, case, "PyTorch tuned", what, "2.5", lambda ratio, _: reached(ratio >= 2.5) if ratio else "")
    yield against(study, case, "ONNX Runtime", what, "", lambda *_: "")

    def more(rounds):
        calls = f", {middle(rounds, 'heap_calls'):.3g} heap calls" if "heap_calls" in rounds[0] else ""
        return f" (99.9 %: {ms(middle(rounds, 'p999_ms'))}{calls})"

    def met(_, ours):
        return reached(middle(ours, "median_ms") <= 1 and middle(ours, "p999_ms") <= 2 and
                       middle(ours, "heap_calls") == 0)

    for model, does in (("autoencoder", "denoise"), ("encoder", "code")):
        for peer in ("PyTorch tuned", "ONNX Runtime"):
            yield against(study, f"infer/{model}/batch:1/threads:1", peer, f"one frame, 1 thread: {does}",
                          "1.0 ms, 99.9 %: 2 ms, no heap call", met, more)


def denoiser_rows(study):
    for case, what in (("train_step/denoiser/batch:32/threads:2", "training step, denoiser, batch 32, 2 threads"),
                       ("infer/denoiser/batch:64/threads:2", "the denoiser, 64 frames, 2 threads"),
                       ("infer/denoiser/batch:1/threads:1", "the denoiser, one frame, 1 thread")):
        yield against(study, case, "PyTorch tuned", what, "", lambda *_: "")


def memory_rows(study):
    sides = study["results"].get("train_step/autoencoder/batch:64/threads:2", {})
    if sides.get("engram"):
        ours = middle(sides["engram"], "peak_MiB")
        theirs = middle(sides["PyTorch tuned"], "peak_MiB") if sides.get("PyTorch tuned") else None
        yield ("peak memory, training of the autoencoder", f"{ours:.0f} MiB",
               f"{theirs:.0f} MiB, PyTorch tuned" if theirs else "", f"{theirs / ours:.2f}" if theirs else "",
               "350 MiB", reached(ours <= 350))
    for model in TRAINING:
        rounds = study["results"].get(f"train_step/{model}/batch:64/threads:2", {}).get("engram")
        if rounds:
            heap, faults = middle(rounds, "heap_calls"), middle(rounds, "page_faults")
            yield (f"heap calls and page faults in a training step, {model}", f"{heap:.4g} and {faults:.2g}", "", "",
                   "0 and 0", reached(heap == 0 and faults < 0.5))


def gemm_rows(gemm):
    peer = re.sub(r"^OpenBLAS (\S+).*kernels for (\S+)$", r"OpenBLAS \1 (\2)", gemm["peer"])
    for threads in (1, 2):
        ratios = {p["name"]: p["openblas_ms"] / p["engram_ms"] for p in gemm["products"]
                  if p["threads"] == threads and not p["name"].startswith("square/")}
        worst = min(ratios, key=ratios.get)
        fast = sum(ratio >= 0.95 for ratio in ratios.values())
        yield (f"matrix products, the study's {len(ratios)} shapes, {threads} thread{'s' * (threads > 1)}",
               f"{fast} of {len(ratios)} at 0.95 or more; the least is {worst}", peer,
               f"median {median(ratios.values()):.2f}, least {ratios[worst]:.2f}", "0.95",
               reached(fast == len(ratios)))


def flag_rows(alone):
    builds = alone["builds"]
    if "O2" in builds and "native" in builds:
        for case, what in (("train_step/autoencoder", "training step"), ("infer/autoencoder", "denoising")):
            plain, native = median(builds["O2"][case]), median(builds["native"][case])
            yield (f"plain -O2 beside -O3 -march=native, {what}", f"{ms(plain)} beside {ms(native)}", "",
                   f"{plain / native:.2f}", "1.10", reached(plain <= 1.1 * native))


def growth_rows(alone):
    times = {}
    for point in (point for one_round in alone["growth"] for point in one_round):
        times.setdefault((point["case"], point["batch"], point["threads"]), []).append(point["ms"])
    times = {point: median(runs) for point, runs in times.items()}
    for case, what in (("train_step/autoencoder", "training"), ("infer/autoencoder", "denoising")):
        frame = {batch: ms / batch for (c, batch, threads), ms in times.items()
                 if c == case and threads == 2 and batch >= 8}
        growth = max(frame.values()) / min(frame.values())
        yield (f"{what}: ms a frame, batches {min(frame)} to {max(frame)}",
               " ".join(f"{frame[batch]:.2f}" for batch in sorted(frame)), "", f"{growth:.2f}", "flat: 1.2",
               reached(growth <= 1.2))
        faster = times[case, 64, 1] / times[case, 64, 2]
        yield (f"{what}: 2 threads beside 1, batch 64", f"{ms(times[case, 64, 2])} beside {ms(times[case, 64, 1])}",
               "", f"{faster:.2f}", "1.8", reached(faster >= 1.8))
    small = {batch: times["infer/autoencoder", batch, 1] / times["infer/autoencoder", batch, 2]
             for batch in (1, 2, 4, 8)}
    yield ("denoising: 2 threads beside 1, batches 1, 2, 4, 8", " ".join(f"{x:.2f}" for x in small.values()), "",
           f"least {min(small.values()):.2f}", "all cores: 1.5", reached(min(small.values()) >= 1.5))


def compile_rows(alone):
    for name, what, seconds, memory in (("quick_start", "g++ -O2 examples/quick_start.cpp", 5, 400),
                                        ("umbrella", "g++ -O2, only #include <engram/engram.hpp>", 1.5, None)):
        took, held = (median(r[name][key] for r in alone["compile"]) for key in ("seconds", "peak_MiB"))
        yield (what, f"{took:.1f} s, {held:.0f} MiB", "", "", f"{seconds} s" + (f", {memory} MiB" if memory else ""),
               reached(took <= seconds and (memory is None or held <= memory)))


def output(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def caption(machine, study):
    cpu = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read()) if os.path.exists("/proc/cpuinfo") else None
    peers = {side: rounds[0]["peer"] for sides in (study or {"results": {}})["results"].values()
             for side, rounds in sides.items() if side != "engram" and rounds}
    debian = re.match(r"[\d.]+", output("dpkg-query", "-W", "-f", "${Version}", "python3-torch"))
    if "PyTorch tuned" in peers:
        peers["PyTorch tuned"] = f"PyTorch {debian[0]} (Debian)" if debian else peers["PyTorch tuned"]
    peaks = "; ".join(f"{p['threads']} thread{'s' * (p['threads'] > 1)}: {p['gflops']:.0f} GFLOP/s, "
                      f"{p['gigabytes']:.0f} GB/s" for p in machine["peaks"]) if machine else "not measured"
    compiler = (output("g++", "--version") or "unknown compiler").splitlines()[0]
    about = [f"{time.strftime('%Y-%m-%d')}, {cpu[1] if cpu else platform.processor()}, {os.cpu_count()} processors, "
             f"{machine['instruction_set'] if machine else ''}, {compiler}, -O2."]
    about.append(f"Peers: {', '.join(sorted(set(peers.values()))) or 'none'}.")
    about.append(f"Measured peaks: {peaks}.")
    return "\n".join(about)


def main():
    machine, study, gemm, alone = (load(name + ".json") for name in ("machine", "study", "gemm", "alone"))
    rows = []
    rows += [*training_rows(study), *inference_rows(study), *denoiser_rows(study)] if study else no_rows("the networks", "not measured")
    rows += gemm_rows(gemm) if gemm else no_rows("matrix products", "not measured: OpenBLAS is not installed")
    rows += memory_rows(study) if study else []
    rows += [*flag_rows(alone), *compile_rows(alone), *growth_rows(alone)] if alone else \
        no_rows("flags, compilation, growth", "not measured")
    print(caption(machine, study) + "\n")
    print("| what | engram | best peer | ratio | target | reached |\n|---|---|---|---:|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


main()
