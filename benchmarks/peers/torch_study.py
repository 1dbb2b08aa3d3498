#!/usr/bin/python3
"""The study's networks in PyTorch, to compare with: Debian's python3-torch, libopenblas0-pthread, libjemalloc2.

  torch_study.py step  [--model autoencoder|encoder|decoder|tagger|denoiser] [--mode train|infer] [--batch N] [--threads N]
                       [--iterations N] [--untuned]
  torch_study.py export --out FILE.onnx [--model autoencoder|encoder|tagger] [--untuned]
  torch_study.py train --images FILE.npz [--epochs N] [--batch-size N] [--lr X] [--one-cycle] [--seed N] [--threads N]

`step` prints one JSON line: milliseconds per training step or inference. Tuned means jemalloc that keeps its pages,
one OpenBLAS thread beside PyTorch's own and channels_last; --untuned is what one gets who changes nothing.
`export` writes the untrained network for onnx_study.mjs.
`train` trains the autoencoder on the arrays images and clean of an .npz (blocks 2 and 7 of 10 held out, as
train_autoencoder does by default) and prints the PSNR against the clean held-out frames after each epoch.
"""
import argparse
import json
import resource
import time

from tuned import restart_in_environment


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--threads", type=int, default=2)
    common.add_argument("--untuned", action="store_true")
    actions = parser.add_subparsers(dest="action", required=True)
    step = actions.add_parser("step", parents=[common])
    step.add_argument("--model", default="autoencoder",
                      choices=["autoencoder", "encoder", "decoder", "tagger", "denoiser"])
    step.add_argument("--mode", default="train", choices=["train", "infer"])
    step.add_argument("--batch", type=int, default=64)
    step.add_argument("--iterations", type=int, default=12)
    export = actions.add_parser("export", parents=[common])
    export.add_argument("--model", default="autoencoder", choices=["autoencoder", "encoder", "tagger"])
    export.add_argument("--out", required=True)
    train = actions.add_parser("train", parents=[common])
    train.add_argument("--images", required=True)
    train.add_argument("--epochs", type=int, default=6)
    train.add_argument("--batch-size", type=int, default=64)
    train.add_argument("--lr", type=float, default=1e-3)
    train.add_argument("--one-cycle", action="store_true")
    train.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


args = arguments()
restart_in_environment(args.threads, not args.untuned)

import numpy as np
import torch
from torch import nn

from torch_models import MODELS

torch.set_num_threads(args.threads)
torch.manual_seed(args.seed if args.action == "train" else 0)
LAYOUT = torch.contiguous_format if args.untuned else torch.channels_last


class BlindSpots:
    """One in 3 x 3 pixels hidden behind the mean of its neighbours: how the denoiser learns and works."""

    def __init__(self, net):
        self.net = net
        rows, columns = np.divmod(np.arange(2500), 50)
        self.masks = torch.stack([torch.from_numpy((rows % 3 == place // 3) & (columns % 3 == place % 3))
                                  for place in range(9)]).view(9, 1, 50, 50)
        self.around = torch.ones(1, 1, 3, 3)
        self.around[0, 0, 1, 1] = 0
        self.neighbors = nn.functional.conv2d(torch.ones(1, 1, 50, 50), self.around, padding=1)

    def hide(self, x, mask):
        return torch.where(mask, nn.functional.conv2d(x, self.around, padding=1) / self.neighbors, x)

    def loss(self, x):
        mask = self.masks[torch.randint(9, (len(x),))]
        mean, variance = self.net(self.hide(x, mask))
        missed, variance = (x - mean)[mask] ** 2, variance[mask]
        return ((missed / variance.mean().detach() + variance.log() + missed.detach() / variance) / 2).mean()

    def denoise(self, x, noise=0.05):
        """Each pixel's prediction of 9 passes, joined with the pixel."""
        mask = self.masks.repeat(len(x), 1, 1, 1)
        many = x.repeat_interleave(9, 0)
        hidden = self.hide(many, mask)
        parts = [self.net(part) for part in hidden.split(32)]  # more at a time are slower
        mean, variance = ((torch.cat(part) * mask).view(len(x), 9, 1, 50, 50).sum(1) for part in zip(*parts))
        return mean + (1 - noise ** 2 / variance).clamp(min=0) * (x - mean)


def make(model):
    return MODELS[model]().to(memory_format=LAYOUT)


def time_steps():
    net = make(args.model)
    images = torch.rand(args.batch, 1, 50, 50).contiguous(memory_format=LAYOUT)
    x, y = {"autoencoder": (images, images), "encoder": (images, torch.randn(args.batch, 16)),
            "decoder": (torch.randn(args.batch, 16), images), "denoiser": (images, images),
            "tagger": (images, torch.randn(args.batch, 2))}[args.model]
    spots = BlindSpots(net) if args.model == "denoiser" else None
    if args.mode == "train":
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)

        def step():
            optimizer.zero_grad()
            (spots.loss(x) if spots else nn.functional.mse_loss(net(x), y)).backward()
            optimizer.step()
    else:
        net.eval()
        if not args.untuned:
            with torch.no_grad():
                net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))
        if spots:
            spots.net = net

        def step():
            with torch.no_grad():
                spots.denoise(x) if spots else net(x)

    for _ in range(max(5, args.iterations // 10)):
        step()
    milliseconds = []
    for _ in range(args.iterations):
        start = time.perf_counter()
        step()
        milliseconds.append(1e3 * (time.perf_counter() - start))
    print(json.dumps({"peer": "torch " + torch.__version__, "ms": milliseconds,
                      "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def export():
    """Writes the untrained network, images [n, 1, 50, 50] for any n, for onnx_study.mjs."""
    torch.onnx.export(make(args.model).eval(), torch.rand(1, 1, 50, 50), args.out, input_names=["x"],
                      output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, opset_version=13)


def train():
    with np.load(args.images) as file:
        images, clean = (torch.from_numpy(file[name].astype(np.float32) / 255)[:, None] for name in ("images", "clean"))
    block = np.arange(len(images)) * 10 // len(images)
    held_out = np.isin(block, [2, 7])
    training = images[~held_out]
    net = make("autoencoder")
    optimizer = torch.optim.Adam(net.parameters(), lr=args.lr)
    batches = len(training) // args.batch_size
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.lr, args.epochs * batches, cycle_momentum=False) \
        if args.one_cycle else None
    for epoch in range(args.epochs):
        start = time.perf_counter()
        net.train()
        order = torch.randperm(len(training))
        for batch in range(batches):
            x = training[order[batch * args.batch_size:(batch + 1) * args.batch_size]].contiguous(memory_format=LAYOUT)
            optimizer.zero_grad()
            nn.functional.mse_loss(net(x), x).backward()
            optimizer.step()
            if schedule:
                schedule.step()
        seconds = time.perf_counter() - start
        net.eval()
        with torch.no_grad():
            rows = np.flatnonzero(held_out)
            squares = sum(float(((net(images[part]).clamp(0, 1) - clean[part]) ** 2).sum())
                          for part in np.array_split(rows, max(1, len(rows) // 64)))
        psnr = -10 * np.log10(squares / clean[held_out].numel())
        print(f"epoch {epoch + 1}/{args.epochs}  psnr {psnr:.2f}  {seconds:.1f} s", flush=True)


{"step": time_steps, "export": export, "train": train}[args.action]()
