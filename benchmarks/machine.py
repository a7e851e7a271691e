"""What a benchmark ran on: the machine in words, and its fastest matrix product in one thread."""

import platform
import time
from importlib import metadata
from pathlib import Path

import numpy as np

PRODUCT_SIZES = (256, 384, 512, 768, 1024)
"""Rows and columns of the square matrices that the peak is looked for with."""


def processor() -> str:
    """Return the processor's name and its number of cores."""
    names = [platform.processor() or platform.machine()]
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")] or names
    return f"{names[0]}, {len(names)} core(s)"


def versions(*distributions: str) -> dict[str, str]:
    """Return the version of each distribution that is installed."""
    installed = {"python": platform.python_version()}
    for name in distributions:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return installed


def sgemm_peak(repeats: int) -> float:
    """Return the most float32 operations a second (flop/s) of np.dot, over sizes and repeats."""
    rng = np.random.default_rng(0)
    peak = 0.0
    for size in PRODUCT_SIZES:
        A, B = rng.standard_normal((2, size, size), np.float32)
        out = np.empty_like(A)
        for _ in range(repeats):
            began = time.process_time()
            np.dot(A, B, out=out)
            peak = max(peak, 2 * size**3 / (time.process_time() - began))
    return peak
