#!/usr/bin/python3
"""The cases of ops_bench.cpp in PyTorch: Debian's python3-torch, libopenblas0-pthread, libjemalloc2.

  torch_ops.py --list
  torch_ops.py [--threads N] [--seconds X] [NAME ...]

Prints one JSON line with the median milliseconds of each named case (of all, if none is named) on N threads.
"forward" runs under inference_mode; "both" runs forward and torch.autograd.grad from a given gradient of the result,
copied untimed before each pass, as in ops_bench.cpp.

What is fair, and how:
 - jemalloc keeps its pages. OpenBLAS has one thread or as many as PyTorch, whichever is faster in a case's warm-up.
 - Arrays are contiguous. channels_last is worth something only where a whole network uses it (see torch_study.py).
 - PyTorch's permute, transpose, slices and the gradients of sums are views, whose cost comes when they are used; both
   sides deliver contiguous results and gradients here. reshape and flatten are free in PyTorch and copy in engram.
 - Optimisers are as they come: foreach=True makes no difference on a CPU.
"""
import argparse
import ctypes
import json
import statistics
import time

from tuned import restart_in_environment

THREADS = (1, 2)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the names of all cases")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.05, help="to time each case for")
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


args = arguments()
restart_in_environment(args.threads)

import torch
from torch.nn import functional as F

torch.set_num_threads(args.threads)
torch.manual_seed(0)


class Operand:
    """A shape, the range of its random elements, and whether backward computes its gradient."""

    def __init__(self, *shape, learns=True, low=-2.0, high=2.0):
        self.shape, self.learns, self.low, self.high = shape, learns, low, high

    def make(self):
        values = self.low + (self.high - self.low) * torch.rand(self.shape)
        return values.requires_grad_(self.learns)


def constant(operand):
    return Operand(*operand.shape, learns=False, low=operand.low, high=operand.high)


def positive(operand):
    return Operand(*operand.shape, learns=operand.learns, low=0.01, high=1.0)


def batch_norm(channels, training):
    mean, variance = torch.zeros(channels), torch.ones(channels)
    return lambda x, w, b: F.batch_norm(x, mean, variance, w, b, training)


def cross_entropy(places, classes):
    target = torch.randint(classes, places)
    return lambda x: F.cross_entropy(x, target)


def pad(mode):
    return lambda x: F.pad(x, (1, 1, 1, 1), mode)


O = Operand
MAPS, SMALL_MAPS, LARGE_MAPS = O(64, 64, 24, 24), O(64, 64, 12, 12), O(64, 64, 48, 48)
FRAMES, LOGITS, ROWS, ROW = O(64, 1, 50, 50), O(16, 32, 48, 48), O(4096, 256), O(256)
PER_CHANNEL, WEIGHT, FILTERS = O(64, 1, 1), O(64), O(64, 64, 3, 3)
FEATURES, CODE = O(64, 10368), O(64, 16)

CASES = [
    ("relu", [MAPS], F.relu),
    ("leaky_relu", [MAPS], F.leaky_relu),
    ("elu", [MAPS], F.elu),
    ("gelu", [MAPS], F.gelu),
    ("silu", [MAPS], F.silu),
    ("sigmoid", [MAPS], torch.sigmoid),
    ("tanh", [MAPS], torch.tanh),
    ("softplus", [MAPS], F.softplus),
    ("exp", [MAPS], torch.exp),
    ("log", [positive(MAPS)], torch.log),
    ("sqrt", [positive(MAPS)], torch.sqrt),
    ("abs", [MAPS], torch.abs),
    ("square", [MAPS], torch.square),
    ("sin", [MAPS], torch.sin),
    ("cos", [MAPS], torch.cos),
    ("clamp", [MAPS], lambda x: torch.clamp(x, -1, 1)),
    ("dropout", [MAPS], lambda x: F.dropout(x, 0.5)),

    ("add", [MAPS, MAPS], torch.add),
    ("sub", [MAPS, MAPS], torch.sub),
    ("mul", [MAPS, MAPS], torch.mul),
    ("div", [MAPS, positive(MAPS)], torch.div),
    ("add_per_channel", [MAPS, PER_CHANNEL], torch.add),
    ("mul_per_channel", [MAPS, PER_CHANNEL], torch.mul),
    ("div_per_channel", [MAPS, positive(PER_CHANNEL)], torch.div),
    ("add_row", [ROWS, ROW], torch.add),
    ("mul_number", [MAPS], lambda x: x * 1.5),

    ("conv2d_3x3_64", [MAPS, FILTERS, WEIGHT], F.conv2d),
    ("conv2d_3x3_1_to_64", [constant(FRAMES), O(64, 1, 3, 3), WEIGHT], F.conv2d),
    ("conv2d_3x3_64_one_image", [O(1, 64, 24, 24), FILTERS, WEIGHT], F.conv2d),
    ("conv2d_3x3_64_padding1", [MAPS, FILTERS, WEIGHT], lambda x, w, b: F.conv2d(x, w, b, padding=1)),
    ("conv2d_3x3_64_stride2", [MAPS, FILTERS, WEIGHT], lambda x, w, b: F.conv2d(x, w, b, stride=2)),
    ("conv2d_3x3_64_dilation2", [MAPS, FILTERS, WEIGHT], lambda x, w, b: F.conv2d(x, w, b, dilation=2)),
    ("conv2d_1x1_64", [MAPS, O(64, 64, 1, 1), WEIGHT], F.conv2d),
    ("conv2d_3x3_groups4", [MAPS, O(64, 16, 3, 3), WEIGHT], lambda x, w, b: F.conv2d(x, w, b, groups=4)),
    ("conv2d_3x3_depthwise", [MAPS, O(64, 1, 3, 3), WEIGHT], lambda x, w, b: F.conv2d(x, w, b, groups=64)),
    ("conv_transpose2d_3x3_64", [MAPS, FILTERS, WEIGHT], F.conv_transpose2d),
    ("conv_transpose2d_2x2_stride2", [MAPS, O(64, 64, 2, 2), WEIGHT],
     lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2)),
    ("conv_transpose2d_3x3_64_to_1", [LARGE_MAPS, O(64, 1, 3, 3), O(1)], F.conv_transpose2d),

    ("linear_10368_to_16", [FEATURES, O(16, 10368), O(16)], F.linear),
    ("linear_16_to_10368", [CODE, O(10368, 16), O(10368)], F.linear),
    ("matmul_512", [O(512, 512), O(512, 512)], torch.matmul),
    ("matmul_batched_64", [O(64, 64, 64), O(64, 64, 64)], torch.matmul),

    ("max_pool2d_2", [MAPS], lambda x: F.max_pool2d(x, 2)),
    ("max_pool2d_3_stride2", [MAPS], lambda x: F.max_pool2d(x, 3, 2, 1)),
    ("avg_pool2d_2", [MAPS], lambda x: F.avg_pool2d(x, 2)),
    ("avg_pool2d_3_stride2", [MAPS], lambda x: F.avg_pool2d(x, 3, 2, 1)),
    ("adaptive_avg_pool2d_1", [MAPS], lambda x: F.adaptive_avg_pool2d(x, 1)),
    ("adaptive_avg_pool2d_5", [MAPS], lambda x: F.adaptive_avg_pool2d(x, 5)),
    ("upsample2d_nearest", [SMALL_MAPS], lambda x: F.interpolate(x, scale_factor=2)),
    ("upsample2d_bilinear", [SMALL_MAPS], lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
    ("pad_constant", [MAPS], pad("constant")),
    ("pad_reflect", [MAPS], pad("reflect")),
    ("pad_replicate", [MAPS], pad("replicate")),
    ("pad_circular", [MAPS], pad("circular")),

    ("batch_norm_train", [MAPS, WEIGHT, WEIGHT], batch_norm(64, True)),
    ("batch_norm_eval", [MAPS, WEIGHT, WEIGHT], batch_norm(64, False)),
    ("batch_norm_train_10368", [FEATURES, O(10368), O(10368)], batch_norm(10368, True)),
    ("layer_norm", [ROWS, ROW, ROW], lambda x, w, b: F.layer_norm(x, (256,), w, b)),
    ("group_norm", [MAPS, WEIGHT, WEIGHT], lambda x, w, b: F.group_norm(x, 8, w, b)),
    ("softmax_rows", [ROWS], lambda x: torch.softmax(x, -1)),
    ("softmax_channels", [LOGITS], lambda x: torch.softmax(x, 1)),
    ("log_softmax_rows", [ROWS], lambda x: torch.log_softmax(x, -1)),
    ("log_softmax_channels", [LOGITS], lambda x: torch.log_softmax(x, 1)),

    ("sum_all", [MAPS], torch.sum),
    ("sum_last", [MAPS], lambda x: x.sum(-1)),
    ("sum_first", [MAPS], lambda x: x.sum(0)),
    ("sum_but_channels", [MAPS], lambda x: x.sum((0, 2, 3))),
    ("mean_all", [MAPS], torch.mean),
    ("mean_last", [MAPS], lambda x: x.mean(-1)),
    ("mean_first", [MAPS], lambda x: x.mean(0)),
    ("mean_but_channels", [MAPS], lambda x: x.mean((0, 2, 3))),

    ("reshape", [MAPS], lambda x: x.reshape(-1, 24, 24)),
    ("flatten", [MAPS], lambda x: x.flatten(1)),
    ("permute_to_nhwc", [MAPS], lambda x: x.permute(0, 2, 3, 1).contiguous()),
    ("transpose_rows", [ROWS], lambda x: x.transpose(0, 1).contiguous()),
    ("slice_channels", [MAPS], lambda x: x[:, 16:48].contiguous()),
    ("slice_every_second_column", [MAPS], lambda x: x[..., ::2].contiguous()),
    ("concat_images", [MAPS, MAPS], lambda a, b: torch.cat((a, b), 0)),
    ("concat_channels", [MAPS, MAPS], lambda a, b: torch.cat((a, b), 1)),

    ("mse_loss", [FRAMES, constant(FRAMES)], F.mse_loss),
    ("l1_loss", [FRAMES, constant(FRAMES)], F.l1_loss),
    ("huber_loss", [FRAMES, constant(FRAMES)], F.huber_loss),
    ("bce_with_logits", [FRAMES, constant(positive(FRAMES))], F.binary_cross_entropy_with_logits),
    ("cross_entropy_rows", [O(4096, 100)], cross_entropy((4096,), 100)),
    ("cross_entropy_images", [LOGITS], cross_entropy((16, 48, 48), 32)),
]

OPTIMIZERS = [
    ("sgd", lambda parameters: torch.optim.SGD(parameters, lr=1e-3)),
    ("sgd_momentum", lambda parameters: torch.optim.SGD(parameters, lr=1e-3, momentum=0.9)),
    ("adam", lambda parameters: torch.optim.Adam(parameters)),
    ("adamw", lambda parameters: torch.optim.AdamW(parameters)),
    ("rmsprop", lambda parameters: torch.optim.RMSprop(parameters)),
]


# Each of these returns what happens untimed before each pass, and the pass.

def forward(operands, operation):
    x = [operand.make() for operand in operands]

    def run():
        with torch.inference_mode():
            operation(*x)

    return lambda: None, run


def both(operands, operation):
    x = [operand.make() for operand in operands]
    learning = [operand for operand in x if operand.requires_grad]
    dy = torch.rand_like(operation(*x))
    fresh = [dy]

    def prepare():
        fresh[0] = dy.clone()

    def run():
        for gradient in torch.autograd.grad(operation(*x), learning, fresh[0]):
            gradient.contiguous()

    return prepare, run


def step(make):
    parameters = [Operand(200, 100).make() for _ in range(30)]
    for parameter in parameters:
        parameter.grad = torch.rand_like(parameter)
    return lambda: None, make(parameters).step


def all_cases():
    cases = {}
    for name, operands, operation in CASES:
        cases[name + "/forward"] = lambda o=operands, f=operation: forward(o, f)
        cases[name + "/both"] = lambda o=operands, f=operation: both(o, f)
    for name, make in OPTIMIZERS:
        cases[name + "/step"] = lambda m=make: step(m)
    return cases


def milliseconds(prepare, run):
    prepare()
    start = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - start)


def measure(make, set_blas_threads):
    timed = make()
    milliseconds(*timed)
    warm_up = {}
    for count in sorted({1, args.threads}):
        set_blas_threads(count)
        warm_up[count] = min(milliseconds(*timed) for _ in range(3))
    set_blas_threads(min(warm_up, key=warm_up.get))
    times = []
    while len(times) < 3 or sum(times) < 1e3 * args.seconds:
        times.append(milliseconds(*timed))
    return statistics.median(times)


def main():
    cases = all_cases()
    if args.list:
        print("\n".join(f"{name}/threads:{threads}" for name in cases for threads in THREADS))
        return
    suffix = f"/threads:{args.threads}"
    names = args.names or [name + suffix for name in cases]
    set_blas_threads = ctypes.CDLL("libopenblas.so.0").openblas_set_num_threads
    results = {name: measure(cases[name.removesuffix(suffix)], set_blas_threads) for name in names}
    version = ".".join(torch.__version__.split(".")[:2]) + (" (Debian)" if "dist-packages" in torch.__file__ else "")
    print(json.dumps({"peer": "PyTorch " + version, "threads": torch.get_num_threads(), "ms": results}))


main()
