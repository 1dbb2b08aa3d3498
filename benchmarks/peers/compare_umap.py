#!/usr/bin/python3
"""Times UMAP here and umap-learn in turn, measures their maps with the same scikit-learn functions, prints one table.

  compare_umap.py [--data NAME...] [--rounds N] [--threads N] [--only-engram] [--bench build/release/bin/time_umap]

Data: digits (scikit-learn's), synthetic20k (12 curved clusters in 16 dimensions), fashion10k and fashion70k (Debian:
dataset-fashion-mnist), transform (20,000 rows of it are fitted, 5,000 others placed). Each round has another seed; the
table has medians. Trustworthiness (15 neighbours) is of 5,000 rows, the vote of 15 neighbours in the map by 5-fold
cross-validation (scikit-learn), of new rows by the fitted ones. Needs Debian's umap-learn and python3-sklearn.
"""
import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier

HERE = os.path.dirname(os.path.abspath(__file__))
FASHION = "/usr/share/datasets/fashion-mnist/"


def fashion(first, last):
    def read(name, offset):
        return np.frombuffer(gzip.open(FASHION + name).read(), np.uint8, offset=offset)
    images = [read(part + "-images-idx3-ubyte.gz", 16).reshape(-1, 784) for part in ("train", "t10k")]
    labels = [read(part + "-labels-idx1-ubyte.gz", 8) for part in ("train", "t10k")]
    return np.concatenate(images)[first:last].astype("f4"), np.concatenate(labels)[first:last].astype(int)


def synthetic(rows):
    random = np.random.default_rng(0)
    labels = random.integers(0, 12, rows)
    t = random.random((rows, 2)).astype("f4")
    centres = random.standard_normal((12, 16)) * 6
    straight, curved = random.standard_normal((12, 2, 16)) * 3, random.standard_normal((12, 2, 16)) * 2
    x = centres[labels] + np.einsum("nk,nkd->nd", t, straight[labels])
    x = x + np.einsum("nk,nkd->nd", np.sin(3 * t), curved[labels]) + random.standard_normal((rows, 16)) * 0.15
    return x.astype("f4"), labels


def digits():
    loaded = load_digits()
    return loaded.data.astype("f4"), loaded.target


DATA = {"digits": digits, "synthetic20k": lambda: synthetic(20000), "fashion10k": lambda: fashion(0, 10000),
        "fashion70k": lambda: fashion(0, 70000), "transform": lambda: fashion(0, 20000)}


def quality(x, labels, embedding):
    rows = np.random.default_rng(2).permutation(len(x))[:5000]
    return {"trustworthiness": float(trustworthiness(x[rows], embedding[rows], n_neighbors=15)),
            "vote": float(cross_val_score(KNeighborsClassifier(15), embedding, labels, cv=5).mean())}


def run(command):
    try:
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        sys.exit(f"compare_umap.py: {error}")


def measure(options, name, folder):
    """The results of all rounds, by side."""
    x, labels = DATA[name]()
    path = os.path.join(folder, "x.npy")
    np.save(path, x)
    new, new_labels = (fashion(60000, 65000) if name == "transform" else (None, None))
    files = {key: os.path.join(folder, key + ".npy") for key in ("new", "placed", "map")}
    if new is not None:
        np.save(files["new"], new)
    results = {"engram": [], "umap-learn": []}
    for seed in range(options.rounds):
        ours = [options.bench, path, files["map"], str(seed), str(options.threads)]
        theirs = ["/usr/bin/python3", os.path.join(HERE, "umap_learn.py"), path, files["map"], "--threads",
                  str(options.threads)]
        if new is not None:
            ours += [files["new"], files["placed"]]
            theirs += ["--new", files["new"], "--placed", files["placed"]]
        for side, command in (("engram", ours), ("umap-learn", theirs)):
            if side == "umap-learn" and options.only_engram:
                continue
            result = run(command)
            embedding = np.load(files["map"])
            result.update(quality(x, labels, embedding))
            if new is not None:
                voted = KNeighborsClassifier(15).fit(embedding, labels).predict(np.load(files["placed"]))
                result["new_vote"] = float((voted == new_labels).mean())
            results[side].append(result)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only-engram", action="store_true")
    parser.add_argument("--bench", default=os.path.join(HERE, "../../build/release/bin/time_umap"))
    options = parser.parse_args()
    columns = ["neighbors_s", "graph_s", "start_s", "layout_s", "total_s", "compile_s", "peak_mib", "trustworthiness",
               "vote", "first_transform_s", "transform_s", "one_row_ms", "new_vote"]
    print("| data | side | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 2) + "|")
    for name in options.data:
        with tempfile.TemporaryDirectory() as folder:
            for side, results in measure(options, name, folder).items():
                cells = [f"{statistics.median(r[c] for r in results):.4g}" if results and c in results[0] else ""
                         for c in columns]
                if results:
                    print(f"| {name} | {results[0]['peer']} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
