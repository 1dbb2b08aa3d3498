#!/usr/bin/python3
"""Times PCA here and scikit-learn's solvers in turn and prints one table. Debian: python3-sklearn.

  compare_pca.py [--rows N] [--columns D] [--components K] [--threads N] [--rounds N] [--no-full]
                 [--bench build/release/bin/time_pca]

The data: a signal of rank 64, noise of deviation 1, float32. Seconds are of fit_transform, the least of the rounds;
errors are the largest relative ones of the explained variances against NumPy's eigenvalues of the covariance in double.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--rows", type=int, default=16000)
parser.add_argument("--columns", type=int, default=2500)
parser.add_argument("--components", type=int, default=16)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--no-full", action="store_true", help="leave out scikit-learn's slowest solver")
parser.add_argument("--bench", default=os.path.join(HERE, "../../build/release/bin/time_pca"))
options = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(options.threads)

import numpy as np  # noqa: E402  after the threads are set
from sklearn.decomposition import PCA  # noqa: E402

random = np.random.default_rng(0)
scale = (10 * 0.85 ** np.arange(64)).astype("f4")
signal = (random.standard_normal((options.rows, 64), "f4") * scale) @ random.standard_normal((64, options.columns), "f4")
x = signal + random.standard_normal((options.rows, options.columns), "f4")
exact = np.linalg.eigvalsh(np.cov(x.astype(np.float64), rowvar=False))[::-1][:options.components]
seconds, errors = {}, {}


def note(side, passed, variances):
    seconds[side] = min(seconds.get(side, np.inf), passed)
    errors[side] = float(np.max(np.abs(variances / exact - 1)))


with tempfile.TemporaryDirectory() as folder:
    data, variances = os.path.join(folder, "x.npy"), os.path.join(folder, "variances.npy")
    np.save(data, x)
    for _ in range(options.rounds):
        try:
            result = subprocess.run([options.bench, data, variances, str(options.components), str(options.threads)],
                                    check=True, stdout=subprocess.PIPE, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"compare_pca.py: {error}")
        note("engram", json.loads(result.stdout)["seconds"], np.load(variances))
        for solver in ("arpack", "randomized") + (() if options.no_full else ("full",)):
            start = time.perf_counter()
            pca = PCA(options.components, svd_solver=solver, random_state=0)
            pca.fit_transform(x)
            note("scikit-learn " + solver, time.perf_counter() - start, pca.explained_variance_)
print("| solver | seconds | largest relative error of the variances |\n|---|---|---|")
for side, passed in seconds.items():
    print(f"| {side} | {passed:.3f} | {errors[side]:.1e} |")
