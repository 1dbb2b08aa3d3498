"""Breaks the library on purpose, one line at a time, and says which of these mutants the tests do not notice.

mutation_check.py [--list] [--only SUBSTRING] [-j N]

Each mutant replaces a text in a header of include/engram, in a copy, and the one test file that mirrors the header is
compiled and run on its own: some test must fail. A line for each mutant:

  killed    a test failed, crashed or did not end in time
  SURVIVED  none did: a test is missing
  invalid   nothing was learnt: the text is not in the header exactly once, the mutant does not compile, or the test
            fails without it too

and a summary. The exit status is 1 if any survived or is invalid. --list shows the mutants and whether they still
apply, without compiling; --only takes those in whose file, test or texts SUBSTRING is; -j works on so many tests at a
time. CXX names another compiler than g++. All of them take some 25 minutes on one core.

A mutant that changes no result, but only speed or where memory is touched, proves nothing: leave it out of the table.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import queue
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parent
ROOT = TESTS.parent
LONGEST_RUN = 120  # seconds

# A header under include/engram, what is replaced in it, ==>, and by what. A blank stands for any white space.
MUTANTS = r"""
kernels/conv2d: turned = std::reverse_copy(from ==> turned = std::copy(from
kernels/conv2d: w.padding.x <= reach.x && ==>
kernels/conv2d: y + (n * channels + c) * area ==> y + (c * batch + n) * area
kernels/conv2d_geometry: ky * w.dilation.y) * w.width + kx * w.dilation.x ==> ky * w.dilation.y) * w.width + kx * w.dilation.y
kernels/conv2d_geometry: * w.width + ox * w.stride.x ==> * w.width + ox * w.stride.y
kernels/conv2d_grad_weight: std::min(g.batch, (piece + 1) * per_piece) ==> std::min(g.batch, piece * per_piece + 1)
kernels/conv2d_grad_weight: out[i] += in[i] ==> out[i] = in[i]
kernels/conv2d_strided: w.height == w.out_height() * w.stride.y && ==>
kernels/conv2d_strided: std::min(end - p, across - x) ==> end - p
kernels/conv2d_strided: bias[(first + r) / area] ==> bias[r / area]
kernels/conv2d_strided: (c * height + y + w.padding.y) ==> (c * height + y + w.padding.x)
kernels/conv2d_unit_stride: task / bands % g.groups ==> task % g.groups
kernels/winograd/conv2d: result_extent - w.padding.y ==> result_extent - w.padding.x
kernels/winograd/grad_weight: Index piece = 1; piece < pieces ==> Index piece = 2; piece < pieces
kernels/simd/winograd.inl: T(1.0 / 3) * (even_b - even_a) ==> T(1.0 / 3) * (even_b + even_a)
kernels/gemm: p > begin ? Store::add : store; for (Index j ==> p > 0 ? Store::add : store; for (Index j
kernels/gemm: number < pieces && number * piece < k ==> number + 1 < pieces && number * piece < k
kernels/gemm: return {data, column_stride, row_stride}; ==> return {data, row_stride, column_stride};
kernels/max_pool2d: value > best || value != value ==> value > best
kernels/max_pool2d: value > best || ==> value >= best ||
kernels/avg_pool2d: row_grad[i] += each ==> row_grad[i] = each
kernels/avg_pool2d: to[i] += row_grad[i] ==> to[i] = row_grad[i]
kernels/avg_pool2d: sum * (row.weight * column.weight) ==> sum * (row.weight * row.weight)
kernels/batch_norm: step * step * area * before / (before + 1) ==> step * step * before / (before + 1)
kernels/batch_norm: line(x[i]) <= floor ? ==> line(x[i]) < floor ?
kernels/batch_norm_columns: weight_slope / static_cast<T>(batch) * inverse ==> weight_slope / static_cast<T>(batch)
kernels/batch_norm_columns: scale[j] + shift[j] <= floor ==> scale[j] + shift[j] < floor
kernels/softmax: out[i] = p[i] * (d[i] - dot) ==> out[i] = p[i] * d[i] - dot
kernels/softmax: Index j = 0; i + j < size ==> Index j = 0; i + j + 1 < size
kernels/softmax: task % blocks * width; ==> 0;
kernels/softmax: d[i] - simd::exp(p[i]) * total ==> d[i] - p[i] * total
kernels/cross_entropy: spread * all_weights ==> spread
kernels/cross_entropy: slopes[first + i] * c.hit(first + i) ==> slopes[first] * c.hit(first + i)
kernels/upsample2d: line[column.second] += column.second_weight ==> line[column.first] += column.second_weight
kernels/upsample2d: first[i] += p * line[i] ==> first[i] = p * line[i]
kernels/row_norm: - mean_u - (in[i] - centre) * mean_u_xhat ==> - mean_u + (in[i] - centre) * mean_u_xhat
kernels/row_norm: n * g.groups + channel / g.channels ==> n * g.groups + channel % g.groups
kernels/row_norm: static_cast<double>(n)) * scale * scale ==> static_cast<double>(n)) * scale
kernels/reduce: begin = piece * detail::reduce_piece ==> begin = 0 * detail::reduce_piece
kernels/reduce: axis < added || shape[axis - added] == 1 ==> axis < added || shape[axis - added] != 1
kernels/dropout: static_cast<std::uint64_t>(i) / 4 ==> static_cast<std::uint64_t>(i)
kernels/dropout: scale * x[i + j] ==> x[i + j]
ops/arithmetic: return -d * v; ==> return d * v;
ops/arithmetic: times(dy, a.value()) ==> times(dy, b.value())
ops/arithmetic: scale_shift(x, T{-1}, c) ==> scale_shift(x, T{1}, -c)
ops/activation: const T below = alpha * kernels::simd::exp(v) ==> const T below = kernels::simd::exp(v)
ops/activation: sigmoid(beta * v) ==> sigmoid(v)
ops/activation: v <= T{0} ? T{0} : d ==> v < T{0} ? T{0} : d
ops/loss: size - T(0.5) * delta ==> size - delta
ops/loss: [](T p, T) { return -p; } ==> [](T p, T) { return p; }
ops/loss: factor * dy[0] ==> factor
ops/pad: 2 * (size - 1) - i ==> 2 * size - 1 - i
ops/pad: {more_x / 2, more_x - more_x / 2, ==> {more_x - more_x / 2, more_x / 2,
ops/pad: out[to + i] += in[at + i] ==> out[to + i] = in[at + i]
ops/slice: end < 0 ? end + size : end ==> end < 0 ? end + size - 1 : end
ops/slice: (length + step - 1) / step ==> length / step
ops/concat: from += shapes[i] ==> from += !needed[i] ? 0 : shapes[i]
ops/matmul: b_strides[axis] *= b[-2] * b[-1] ==> b_strides[axis] *= b[-1] * b[-1]
ops/matmul: (column ? 1 : 2) ==> 1
autograd/backward: sum[i] += gradient[i] ==> sum[i] = gradient[i]
autograd/backward: other.scale(factor); ==>
optim/adam: largest[i] > square ? largest[i] : square ==> square
optim/adam: 1 / std::sqrt(correction2) ==> 1 / correction2
optim/adam: g[i] + decay * p[i] ==> g[i] - decay * p[i]
optim/adamw: detail::Decay::decoupled ==> detail::Decay::coupled
optim/sgd: first ? 1 : 1 - o.dampening ==> 1 - o.dampening
optim/sgd: of_slope * slope + of_buffer * b[i] ==> of_buffer * b[i]
optim/rmsprop: variance < 0 ? T{0} : variance ==> variance
optim/rmsprop: momentum * b[i] + direction(i) ==> momentum * (b[i] + direction(i))
optim/clip: const double factor = max_norm / (norm + 1e-6) ==> const double factor = max_norm / norm
optim/clip: largest <= norm || ==> largest > norm ||
optim/cosine_schedules: * static_cast<double>(moment.steps) - 1; ==> * static_cast<double>(moment.steps);
optim/cosine_schedules: std::min(moment.step, moment.steps) ==> moment.step
optim/step_schedules: m <= moment.epoch ==> m < moment.epoch
optim/warmup: std::min(moment.step, total_iters) ==> moment.step
optim/reduce_lr_on_plateau: bad > patience ==> bad >= patience
optim/reduce_lr_on_plateau: --cooling; bad = 0; ==> --cooling;
optim/reduce_lr_on_plateau: best * (1 + threshold) ==> best * (1 - threshold)
ops/batch_norm: seen.variance[c] * unbiased ==> seen.variance[c]
nn/batch_norm: batches_ += learns ? 1 : 0 ==> batches_ += 1
train/checkpoint: s.loss_sum = numbers[1]; ==>
train/checkpoint: optimizer.set_lr(lr); ==>
train/early_stopping: gain > options_.min_delta ==> gain >= options_.min_delta
train/early_stopping: best_epoch_ = state.epoch; waited_ = 0; ==> best_epoch_ = state.epoch;
train/exponential_moving_average: if (!done.insert(averages[i].values).second) ==> if (false)
train/exponential_moving_average: *averages[i].counter = *sources[i]->counter; ==>
train/fit: loss * static_cast<double>(items.size()) ==> loss
train/fit: || epoch == options.epochs ==>
train/fit: state.loss_sum = 0; ==>
train/batch_gradients: static_cast<T>(share) ==> T{1}
embed/pca: std::abs(code) > std::abs(largest) ==> code > largest
embed/pca/axes: explained <= wanted.share() * total ==> explained < wanted.share() * total
embed/pca/model: / freedom / static_cast<double>(left_out) ==> / freedom
embed/umap/smooth_knn: part * static_cast<double>(above - below) ==> part * static_cast<double>(above)
embed/umap/smooth_knn: std::log2(size) * options.bandwidth ==> std::log2(size)
embed/umap/smooth_knn: fit.rhos[i] > 0 ? finite ==> fit.rhos[i] >= 0 ? finite
embed/umap/fuzzy_graph: self_is_neighbor || column != i ==> self_is_neighbor || j > 0
embed/umap/fuzzy_graph: both * (larger * smaller) ==> both * smaller
embed/umap/forces: push * 0.001F ==> 0.001F
embed/umap/forces: 4.0F * pull_times - 4.0F ==> pull_times - 1.0F
embed/umap/layout: static_cast<double>(epoch) / ==> static_cast<double>(epoch + 1) /
embed/umap/layout: force * force - second ==> force - second
embed/umap/curve: s - 2 * b * std::log(spread) ==> s - b * std::log(spread)
embed/umap/curve: target_[i] = u_[i] < min_dist ? 1.0 : ==> target_[i] =
embed/umap/edge_schedule: weight > 0 && weight >= least ==> weight > 0 && weight > least
embed/umap/transform: largest > 0 ? weight / largest : 0.0F ==> weight
embed/umap/transform: graph.weights[e]) / total ==> graph.weights[e])
embed/umap/spectral: longest = std::max(longest, std::sqrt(square)) ==> longest = std::max(longest, square)
embed/umap/spectral: centres.positions[c * dimensions + i % dimensions] + part[i] ==> part[i]
embed/umap/laplacian: eigen.values[k + 1] ==> eigen.values[k]
embed/umap/density: own.weights + other.weights ==> own.weights
embed/umap/density: 1.0F - b_ * (1.0F - phi) ==> 1.0F - b_ * phi
embed/umap/local_radii: squares += weight * distance * distance ==> squares += weight * distance
embed/umap/supervised: label == -1 || other == -1 ==> label == -1
embed/umap/supervised: std::max(least / 2, 1e-8F) ==> std::max(least, 1e-8F)
embed/umap/supervised: weight / (1 - weight) : (1 - weight) / weight ==> (1 - weight) / weight : weight / (1 - weight)
embed/neighbors/distance: out[columns] = Out{1}; ==>
embed/neighbors/distance: return inner / 2; ==> return inner;
embed/neighbors/distance: return x < 0 ? -x : x; ==> return x;
embed/neighbors/line: down == up && left <= right ==> down == up
embed/neighbors/line: angle += angle < 0 ? turn : 0; ==>
embed/neighbors/running_lists: return distance < worst(row) && ==> return distance <= worst(row) &&
embed/neighbors/top_k: entry.low <= limit ==> entry.low < limit
embed/neighbors/row_scale: *median - smallest <= ==> largest - *median <=
analysis/ridge: (eigen.values[k] + alpha) ==> eigen.values[k]
analysis/ridge: model.coefficients[k * d + j] * x_.mean[j] ==> model.coefficients[k * d + j]
analysis/circular: difference >= period / 2 ? ==> difference > period / 2 ?
analysis/circular: values.size() % 2 == 1 ? *middle : ==> true ? *middle :
analysis/circular: angle < 0 ? angle + period : angle ==> angle
analysis/circular_correlation: a.cosine * a.cosine - a.sine * a.sine ==> a.cosine * a.cosine + a.sine * a.sine
analysis/circular_correlation: against.length() > along.length() ==> against.length() < along.length()
analysis/ssim: 0.03 * data_range * 0.03 * data_range ==> 0.03 * data_range
analysis/ssim: 2 * (mean_ab[i] - product) + c2 ==> 2 * mean_ab[i] - product + c2
analysis/psnr: peak * peak * static_cast<double>(count) ==> peak * static_cast<double>(count)
analysis/neighbor_ranks: - 3 * k - 1) ==> - 3 * k + 1)
analysis/neighbor_ranks: distances[i] <= own ? 1 : 0 ==> distances[i] < own ? 1 : 0
analysis/procrustes: 1 - scale * scale ==> 1 - scale
analysis/cka: / within_x / within_y ==> / within_x / within_x
data/augment/geometry: sense == 1 ? x : sizes.width - 1 - x ==> sense == 1 ? sizes.width - 1 - x : x
data/augment/geometry: {.shift_x = dx, .shift_y = dy} ==> {.shift_x = dy, .shift_y = dx}
data/augment/motion: std::min(folded, 2 * last - folded) ==> folded
data/augment/motion: .yx = s * x, .yy = c * y ==> .yx = s * y, .yy = c * x
data/augment/motion: mode == PaddingMode::edge || size == 1 ==> mode == PaddingMode::edge
data/augment/pixels: static_cast<double>(size / 2) ==> static_cast<double>((size + 1) / 2)
data/augment/pixels: rng.split(static_cast<std::uint64_t>(image)) ==> rng.split(0)
data/augment: static_cast<double>(sizes.height)), drawn ==> static_cast<double>(sizes.width)), drawn
data/batches: left > 1 || ==> left > 2 ||
data/split: std::lround(fraction * static_cast<double>(count)) ==> std::floor(fraction * static_cast<double>(count))
core/parallel: i < failed_piece ==> i > failed_piece
core/parallel: std::min(i * grain + grain, size) ==> i * grain + grain
core/parallel: detail::thread_request() = before_; ==>
train/checkpoint: detail::check_finite("save_checkpoint", model); ==>
train/staged_load: value >= 0 ==> true
train/checkpoint: std::isfinite(lr) && lr >= 0 ==> true
train/checkpoint: {&wanted, &found} ==> {&wanted}
train/checkpoint: detail::check_wanted(file, source, "model.", wanted); ==>
train/checkpoint_folder: if (!last_) ==> if (false)
train/checkpoint_folder: std::min(step, *last_) ==> *last_
train/checkpoint_folder: value < before : value > before ==> value <= before : value >= before
train/checkpoint_folder: std::filesystem::remove(file->second, ignored); ==>
train/checkpoint_files: if (whole(*file)) ==> if (false)
train/checkpoint_folder: if (is_best(state)) ==> if (false)
train/checkpoint_files: if (has_best()) { all[-1] ==> if (false) { all[-1]
train/model_file: detail::check_finite("save_model", model); ==>
train/model_file: 2 * count <= static_cast<double>(bytes) ==> true
train/first_not_finite: values->dim(0) == std::ssize(items) ==> true
train/first_not_finite: bad / (values->size() / values->dim(0)) ==> bad
train/first_not_finite: if (node == nullptr) ==> if (true)
train/fit_checks: state.batch <= batches ==> true
train/fit_checks: state.batch_size == options.batch_size && ==>
train/fit: detail::check_model<T>(model, state); ==>
train/fit: check_model<T>(model, state); notify( ==> notify(
train/class_loss: std::abs(value) <= most ==> true
data/load: && labels.values.dim(0) > 0 ==>
io/file: ensure<IoError>(S_ISREG(status.st_mode), ==> ensure<IoError>(true,
io/atomic_file: ::fsync(descriptor_.get()) != 0 || ==>
io/atomic_file: detail::sync_folder(target_.parent_path()); ==>
io/atomic_file: ::unlink(temporary_.c_str()); ==>
io/atomic_file: ensure<IoError>(!failed_, ==> ensure<IoError>(true,
io/descriptor: sigaddset(&signal_, SIGXFSZ); ==>
io/descriptor: while (sigtimedwait(&signal_, nullptr, &at_once) >= 0) ==> while (false)
io/atomic_file: (void)::fchmod(descriptor_.get(), before.st_mode & 07777); ==>
io/atomic_file: target_ = target_.parent_path() / next; ==> target_ = next;
io/folder: ::flock(file.get(), LOCK_EX | LOCK_NB) == 0 ==> true
io/folder: const bool taken = ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; ==> const bool taken = false;
io/folder: ends_with(detail::unfinished_suffix) ==> ends_with(".tmp")
io/folder: folder = "."; ==>
io/atomic_file: failed_ = true; // whoever ==> // whoever
io/atomic_file: check_open(); if (buffer_.size() ==> if (buffer_.size()
io/atomic_file: != 0 && errno != ENOENT ==> != 0 && false
train/checkpoint_folder: std::min(step, *last_) ==> step
train/checkpoint_folder: detail::CheckpointFiles::read_all(file); return load_settings(file); ==> return load_settings(file);
train/checkpoint_folder: files_.set_aside(best()); return ==> return
train/checkpoint_folder: catch (const FormatError&) { files_.set_aside ==> catch (const Error&) { files_.set_aside
train/checkpoint_folder: for (const auto& file : damaged) { ==> for (const auto& [newer, file] : files_.steps()) { if (newer <= state.step) continue;
train/staged_load: value <= most ==> true
core/error: what.replace(at, 1, "\\0"); ==> break;
core/settings: words.find('\0') == words.npos ==> true
infer/plan: catch (const ShapeError& error) ==> catch (const FormatError& error)
io/tiff_file: "rm" ==> "r"
io/tiff_file: return 32768; ==> return 8192;
io/tiff: static_cast<tmsize_t>(pixels.size() * sizeof(P)); ==> static_cast<tmsize_t>(pixels.size());
io/image: bytes > limit.bytes ==> false
io/jpeg_tables: codes <= 256 ==> codes <= 512
io/jpeg_tables: need(quantization_, quantization_of_.at(at(i - 1)), "quantization"); ==>
io/jpeg_tables: std::exchange(named.at(at(i)), true) ==> false
io/image: detail::can_hold(bytes, width, std::abs(Index{height})) ==> true
io/safetensors: digits != header.npos ==> true
io/safetensors: detail::checksum_text(crc) == found ==> true
io/npy: !is_text || count <= most_strings ==> true
io/npz: different.size() == names_.size() ==> true
io/tiff_file: rows <= most / row_bytes ==> true
io/tiff_file: return 64; ==> return 8192;
io/tiff: (static_cast<std::uint64_t>(count) + 1) ==> 1
io/zip: name.size()) == member.name ==> name.size()) != ""
io/npy: from -= stride[a] * shape[axis]; ==> from -= stride[a];
io/npy: length |= byte(10) << 16 | byte(11) << 24; ==>
io/npy_codec: exponent == 0x1F ? 0xFFu : exponent + 112 ==> exponent + 112
io/npy_codec: 0xF0 | code >> 18 ==> 0xE0 | code >> 18
io/zip: fields.u16() != tail_size - record - at ==> fields.u16() > tail_size - record - at
io/zip: if (*value == limit32) ==> if (true)
io/zip: crc_ == member_.crc ==> true
io/zip_writer: ascii ? 8 : 8 | 0x800 ==> 8
io/safetensors: out.data() + 2 * i + 2 ==> out.data() + 2 * i
io/safetensors: empty = empty || extent == 0 ==> empty = extent == 0
io/safetensors_writer: (8 - text.size() % 8) % 8 ==> (4 - text.size() % 4) % 4
io/csv: content_.starts_with("\xEF\xBB\xBF") ? 3 : 0 ==> 0
io/csv: table.columns.size() == 1 ? "nan" : "" ==> ""
io/csv: end += line[end] == '"' ? 2 : 1 ==> end += 1
"""

# The tests of headers whose values are checked elsewhere than in the test of the same name.
TESTED_BY = {
    "kernels/conv2d_geometry": "kernels/conv2d",
    "kernels/conv2d_grad_weight": "kernels/conv2d",
    "kernels/conv2d_strided": "kernels/conv2d",
    "kernels/conv2d_unit_stride": "kernels/conv2d",
    "kernels/winograd/grad_weight": "kernels/winograd/conv2d",
    "kernels/simd/winograd.inl": "kernels/simd/winograd",
    "kernels/batch_norm_columns": "kernels/batch_norm",
    "embed/pca/axes": "embed/pca",
    "embed/pca/model": "embed/pca",
    "analysis/neighbor_ranks": "analysis/trustworthiness",
    "io/descriptor": "io/atomic_file",
    "io/jpeg_tables": "io/image",
    "io/npy_codec": "io/npy",
    "io/safetensors_writer": "io/safetensors",
    "io/tiff_file": "io/tiff",
    "infer/plan": "infer/runner",
    "train/first_not_finite": "train/fit",
    "train/fit_checks": "train/fit",
    "train/checkpoint_files": "train/checkpoint_folder",
    "train/staged_load": "train/checkpoint",
}


@dataclasses.dataclass
class Mutant:
    header: str  # under include/engram
    test: str  # under tests
    old: str
    new: str

    def __str__(self):
        old, new = (text if len(text) <= 60 else text[:57] + "..." for text in (self.old, self.new))
        return f"{self.header}: {old} -> {new or '(nothing)'}"

    def places(self, source):
        """Where the old text is in the header's: one place, if the mutant applies."""
        return list(re.finditer(r"\s+".join(map(re.escape, self.old.split())), source))

    def mutated(self, source):
        (place,) = self.places(source)
        return source[: place.start()] + self.new + source[place.end() :]


def all_mutants():
    for line in MUTANTS.strip().splitlines():
        name, change = line.split(": ", 1)
        old, new = change.split("==>")
        test = TESTED_BY.get(name, name) + "_test.cpp"
        yield Mutant(name if "." in name else name + ".hpp", test, old.strip(), new.strip())


class Bench:
    """A folder with a copy of include/ in which one mutant at a time is tested."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.include = self.folder / "include"
        shutil.copytree(ROOT / "include", self.include)
        cairo = subprocess.run(["pkg-config", "--cflags", "cairo"], capture_output=True, text=True, check=True).stdout
        self.compile = [os.environ.get("CXX", "g++"), "-std=c++20", "-O1", "-fopenmp", f"-I{self.include}", f"-I{TESTS}",
                        f"-I{ROOT / 'examples'}", *shlex.split(cairo), f'-DENGRAM_TEST_DIR="{TESTS}"',
                        '-DENGRAM_BIN_DIR="/nonexistent"', "-DDOCTEST_CONFIG_SUPER_FAST_ASSERTS"]
        self.runner = str(self.folder / "main.o")  # the same for all tests
        subprocess.run([*self.compile, "-c", str(TESTS / "main.cpp"), "-o", self.runner], check=True)

    def outcome(self, test):
        """What becomes of the test with the headers as they are: 'no program', 'passed', 'failed' or 'time-out'."""
        program = str(self.folder / "test")
        command = [*self.compile, str(TESTS / test), self.runner, "-lz", "-ltiff", "-o", program]
        if subprocess.run(command, capture_output=True).returncode != 0:
            return "no program"
        run = subprocess.Popen([program, "--abort-after=1"], cwd=self.folder, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return "passed" if run.wait(LONGEST_RUN) == 0 else "failed"
        except subprocess.TimeoutExpired:
            return "time-out"
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()

    def verdict(self, mutant):
        path = self.include / "engram" / mutant.header
        source = path.read_text()
        if (count := len(mutant.places(source))) != 1:
            return "invalid", f"the text is there {count} times"
        path.write_text(mutant.mutated(source))
        try:
            outcome = self.outcome(mutant.test)
        finally:
            path.write_text(source)
        return {"no program": ("invalid", "it does not compile"), "passed": ("SURVIVED", mutant.test),
                "failed": ("killed", ""), "time-out": ("killed", "out of time")}[outcome]


def check(benches, test, mutants, report):
    """Tests all mutants of one test file, after the test without any."""
    bench = benches.get()
    try:
        sound = bench.outcome(test)
        for mutant in mutants:
            start = time.monotonic()
            verdict = bench.verdict(mutant) if sound == "passed" else ("invalid", f"{test} without it: {sound}")
            report(mutant, *verdict, time.monotonic() - start)
    finally:
        benches.put(bench)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", default="", metavar="SUBSTRING")
    parser.add_argument("-j", type=int, default=1, metavar="N")
    options = parser.parse_args()
    chosen = [m for m in all_mutants() if any(options.only in text for text in (m.header, m.test, m.old, m.new))]
    if not chosen:
        parser.error(f"--only: no mutant with {options.only!r}")
    if options.list:
        applies = [len(m.places((ROOT / "include/engram" / m.header).read_text())) == 1 for m in chosen]
        for mutant, fits in zip(chosen, applies):
            print("" if fits else "NO LONGER APPLIES", mutant)
        print(len(chosen), "mutants,", applies.count(False), "no longer apply")
        return 0 if all(applies) else 1
    by_test = {}
    for mutant in chosen:
        by_test.setdefault(mutant.test, []).append(mutant)
    counts = {"killed": 0, "SURVIVED": 0, "invalid": 0}
    lock = threading.Lock()
    start = time.monotonic()

    def report(mutant, verdict, note, seconds):
        with lock:
            counts[verdict] += 1
            print(f"{verdict:8} {seconds:6.1f} s  {mutant}{f' ({note})' if note else ''}", flush=True)

    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        benches = queue.Queue()
        for n in range(options.j):
            benches.put(Bench(f"{folder}/{n}"))
        for done in [pool.submit(check, benches, test, mutants, report) for test, mutants in by_test.items()]:
            done.result()
    summary = ", ".join(f"{count} {verdict.lower()}" for verdict, count in counts.items())
    print(f"{len(chosen)} mutants, {summary}, {time.monotonic() - start:.0f} s")
    return 0 if counts["killed"] == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
