#!/usr/bin/python3
"""The other side of safetensors_test.cpp: state dicts exchanged with Debian's python3-torch.

  interchange.py make FOLDER   writes each network's state dict as NAME.safetensors and NAME.npz, and what it makes of
                               NAME_x.npy as NAME_y.npy
  interchange.py check FOLDER  loads what engram wrote under the same names, strictly, and compares
  interchange.py golden FOLDER writes the small network that the tests read where there is no PyTorch
"""
import os
import re
import sys

import numpy as np
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../benchmarks/peers"))
from torch_models import Autoencoder, Decoder, Denoiser, Tagger

with open(os.path.join(HERE, "../../docs/interchange.md")) as page:  # the lines that the documentation gives
    exec(next(block for block in re.findall(r"```python\n(.*?)```", page.read(), re.S) if "def load_safetensors" in block))

NETWORKS = {"autoencoder": (lambda: Autoencoder(4, 6), (3, 1, 50, 50)), "decoder": (lambda: Decoder(4, 6), (3, 6)),
            "tagger": (lambda: Tagger(4, 6), (3, 1, 50, 50)), "denoiser": (lambda: Denoiser(4), (2, 1, 50, 50))}


def randomized(net):
    """With running statistics and counters that are not those of the beginning."""
    for name, value in net.state_dict().items():
        if name.endswith("running_mean"):
            value.normal_()
        elif name.endswith("running_var"):
            value.uniform_(0.5, 2)
        elif name.endswith("num_batches_tracked"):
            value.fill_(11)
    return net.eval()


def output(net, x):
    with torch.no_grad():
        y = net(torch.from_numpy(x))
    return torch.cat(y, 1).numpy() if isinstance(y, tuple) else y.numpy()


def write(folder, name, net, shape):
    state = {key: value.numpy() for key, value in net.state_dict().items()}
    x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    save_safetensors(f"{folder}/{name}.safetensors", state)
    np.savez(f"{folder}/{name}.npz", **state)
    np.save(f"{folder}/{name}_x.npy", x)
    np.save(f"{folder}/{name}_y.npy", output(net, x))


def make(folder):
    for name, (network, shape) in NETWORKS.items():
        write(folder, name, randomized(network()), shape)


def check(folder):
    for name, (network, _) in NETWORKS.items():
        with np.load(f"{folder}/{name}.npz") as file:
            files = {"npz": {key: file[key] for key in file.files if key != "settings"},
                     "safetensors": load_safetensors(f"{folder}/{name}.safetensors")}
        for kind, state in files.items():
            net = network()
            net.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in state.items()}, strict=True)
            y, theirs = output(net.eval(), np.load(f"{folder}/{name}_x.npy")), np.load(f"{folder}/{name}_y.npy")
            off = float(np.abs(y - theirs).max() / np.abs(y).max())
            print(f"{name}.{kind}: off by {off:.1e} of the largest")
            if off > 1e-5 or any(int(v) != 11 for k, v in state.items() if k.endswith("num_batches_tracked")):
                sys.exit("that is too much, or the counters are not 11")


def golden(folder):
    net = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(27, 2))
    write(folder, "torch_sequential", randomized(net), (4, 2, 5, 5))


torch.manual_seed(0)
torch.set_num_threads(1)
{"make": make, "check": check, "golden": golden}[sys.argv[1]](sys.argv[2])
