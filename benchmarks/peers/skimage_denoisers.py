#!/usr/bin/env python3
"""How near scikit-image's non-local means and wavelets come to the clean frames, at their best settings.

    skimage_denoisers.py ARENA.npz MODEL_FOLDER [EVERY]

ARENA.npz has the arrays images, clean and tail; the frames are the held-out ones of a trained model's folder, every
EVERY-th of them (5). Settings are chosen with the truth in hand, which flatters them, as compare_denoisers does.
Needs python3-skimage and python3-pywt (Debian).
"""
import sys
import time

import numpy as np
from skimage import __version__
from skimage.metrics import structural_similarity
from skimage.restoration import denoise_nl_means, denoise_wavelet, estimate_sigma


def psnr(a, b, where=None):
    error = (a - b) ** 2
    return -10 * np.log10(np.mean(error if where is None else error[where]))


def report(name, images, clean, tail, seconds):
    ssim = np.mean([structural_similarity(a, b, data_range=1, gaussian_weights=True, sigma=1.5,
                                          use_sample_covariance=False) for a, b in zip(images, clean)])
    print(f"{psnr(images, clean):5.1f} dB  tail {psnr(images, clean, tail):5.1f} dB  SSIM {ssim:.3f}  "
          f"{1000 * seconds / len(images):.1f} ms a frame  {name}")


def best(name, noisy, clean, tail, settings, denoise):
    few = slice(None, None, max(1, len(noisy) // 40))
    chosen = max(settings, key=lambda s: psnr(np.array([denoise(x, s) for x in noisy[few]]), clean[few]))
    begin = time.perf_counter()
    images = np.clip(np.array([denoise(x, chosen) for x in noisy]), 0, 1)
    report(f"{name} {chosen}", images, clean, tail, time.perf_counter() - begin)


def main():
    recording = np.load(sys.argv[1])
    frames = np.load(sys.argv[2] + "/held_out.npz")["indices"][:: int(sys.argv[3]) if len(sys.argv) > 3 else 5]
    noisy = recording["images"][frames].astype(np.float64) / 255
    clean = recording["clean"][frames].astype(np.float64) / 255
    tail = recording["tail"][frames].astype(bool)
    print(f"scikit-image {__version__}, {len(frames)} frames; estimate_sigma: {255 * estimate_sigma(noisy[0]):.1f} of 255")
    report("noisy frames", noisy, clean, tail, 0)
    best("non-local means (h, patch, distance)", noisy, clean, tail,
         [(h, p, d) for h in (0.01, 0.02, 0.03, 0.04, 0.06) for p in (3, 5, 7) for d in (5, 9)],
         lambda x, s: denoise_nl_means(x, h=s[0], patch_size=s[1], patch_distance=s[2], fast_mode=True, sigma=0.036))
    best("wavelet (method, mode, sigma, wavelet)", noisy, clean, tail,
         [(m, "soft", sigma, w) for m in ("BayesShrink", "VisuShrink") for sigma in (0.015, 0.02, 0.03, 0.04)
          for w in ("db1", "db2", "sym4")],
         lambda x, s: denoise_wavelet(x, method=s[0], mode=s[1], sigma=s[2], wavelet=s[3], rescale_sigma=True))


if __name__ == "__main__":
    main()
