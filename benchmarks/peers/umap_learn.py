#!/usr/bin/python3
"""Times umap-learn on the rows of an .npy file and writes its map. Debian: umap-learn. One line of JSON.

  umap_learn.py DATA.npy MAP.npy [--threads N] [--seed S] [--new NEW.npy --placed PLACED.npy]

Compilation is done on a small set before the clock starts; compile_s is what a user waits for that in each new process.
Without --seed the layout uses all threads; with it umap-learn uses one.
"""
import argparse
import json
import os
import time
import warnings

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("data")
parser.add_argument("map")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seed", type=int)
parser.add_argument("--new")
parser.add_argument("--placed")
options = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = str(options.threads)
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402  after the threads are set
import umap  # noqa: E402


def seconds(action):
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def model():
    return umap.UMAP(random_state=options.seed, n_jobs=options.threads if options.seed is None else 1)


x = np.load(options.data)
# A set of the kind that is timed: above 4,096 rows umap-learn searches neighbours with pynndescent.
small = np.random.default_rng(1).random((5000, x.shape[1]), "f4") if len(x) > 4096 else x
compile_s, warm = seconds(lambda: model().fit(small))
total_s, fitted = seconds(lambda: model().fit(x))
np.save(options.map, fitted.embedding_)
result = {"peer": "umap-learn " + umap.__version__, "rows": len(x), "columns": x.shape[1], "threads": options.threads,
          "seed": options.seed, "compile_s": compile_s, "total_s": total_s}
if options.new:
    new = np.load(options.new)
    result["first_transform_s"], _ = seconds(lambda: fitted.transform(new[:1]))
    result["transform_s"], placed = seconds(lambda: fitted.transform(new))
    result["one_row_ms"] = 1e3 * min(seconds(lambda: fitted.transform(new[i:i + 1]))[0] for i in range(1, 6))
    np.save(options.placed, placed)
with open("/proc/self/status") as status:
    result["peak_mib"] = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
print(json.dumps(result))
