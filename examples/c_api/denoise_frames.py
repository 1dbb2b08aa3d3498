#!/usr/bin/env python3
"""Takes frames through a trained model from Python, by ctypes: codes and denoised frames.

    denoise_frames.py LIBRARY MODEL FRAMES OUT

LIBRARY is libengram.so, MODEL the folder that a training program wrote, FRAMES an .npy, or an .npz with the array
images, [N, H, W] or [N, C, H, W] of 8-bit, 16-bit or float pixels; OUT the .npz to write, with what the model makes:
codes [N, K], images as FRAMES. Class Model is to be copied into your own programs.
"""
import ctypes
import sys

import numpy as np


class Model:
    """A trained model: Model("build/release/lib/libengram.so", "autoencoder")."""

    def __init__(self, library, path):
        self._library = lib = ctypes.CDLL(library)
        for name in ("engram_version", "engram_error", "engram_kind"):
            getattr(lib, name).restype = ctypes.c_char_p
        lib.engram_load.restype = ctypes.c_void_p
        lib.engram_load.argtypes = [ctypes.c_char_p]
        lib.engram_free.argtypes = [ctypes.c_void_p]
        for name in ("channels", "height", "width", "code_size", "makes_images", "readout_size", "kind"):
            getattr(lib, "engram_" + name).argtypes = [ctypes.c_void_p]
        self._run = {}
        for kind, suffix in ((np.uint8, "u8"), (np.uint16, "u16"), (np.float32, "f32")):
            pixels = np.ctypeslib.ndpointer(kind, flags="C_CONTIGUOUS")
            function = getattr(lib, "engram_run_" + suffix)
            function.argtypes = [ctypes.c_void_p, pixels, ctypes.c_int32, ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p]
            self._run[np.dtype(kind)] = function
        self._model = lib.engram_load(str(path).encode())
        if not self._model:
            raise OSError(lib.engram_error().decode())
        self.kind = lib.engram_kind(self._model).decode()
        self.code_size = lib.engram_code_size(self._model)
        self.makes_images = bool(lib.engram_makes_images(self._model))

    def __del__(self):
        if getattr(self, "_model", None):
            self._library.engram_free(self._model)

    def __call__(self, frame):
        """The code of a frame [H, W] or [C, H, W] and the frame without noise; None for what the model does not make."""
        if frame.dtype not in self._run:
            raise TypeError(f"need pixels of uint8, uint16 or float32, got {frame.dtype}")
        frame = np.ascontiguousarray(frame)
        channels = self._library.engram_channels(self._model)
        if frame.ndim not in (2, 3) or frame.size != channels * frame.shape[-2] * frame.shape[-1]:
            raise ValueError(f"need a frame of {channels} channel(s), got shape {frame.shape}")
        code = np.empty(self.code_size, np.float32) if self.code_size else None
        clean = np.empty_like(frame) if self.makes_images else None
        status = self._run[frame.dtype](self._model, frame, frame.shape[-2], frame.shape[-1],
                                        None if code is None else code.ctypes.data,
                                        None if clean is None else clean.ctypes.data)
        if status:
            raise ValueError(self._library.engram_error().decode())
        return code, clean


def main(library, path, frames_file, out):
    model = Model(library, path)
    frames = np.load(frames_file)
    if frames_file.endswith(".npz"):
        frames = frames["images"]
    made = [model(frame) for frame in frames]
    arrays = {}
    if model.code_size:
        arrays["codes"] = np.stack([code for code, _ in made])
    if model.makes_images:
        arrays["images"] = np.stack([clean for _, clean in made])
    np.savez_compressed(out, **arrays)
    print(f"{out}: " + ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items()))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.exit(str(error))
