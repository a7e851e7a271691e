"""The kernels that OpenBLAS ships for x86-64, and how to run a program on one of them.

OpenBLAS chooses its kernels once, when it is loaded: each choice needs a process of its own.
"""

import json
import os
import platform
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

NEEDED_FLAGS = {
    "Prescott": {"pni"},
    "Nehalem": {"sse4_2"},
    "Sandybridge": {"avx"},
    "Haswell": {"avx2", "fma"},
    "Zen": {"avx2", "fma"},
    "SkylakeX": {"avx512f", "avx512dq", "avx512bw", "avx512vl"},
    "Cooperlake": {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_bf16"},
}
"""What Linux must list of a processor that is to run a kernel, by the kernel's name in OPENBLAS_CORETYPE."""

OTHER_NAMES = {"Katmai": "Prescott"}
"""OpenBLAS reports the first name of those that share a kernel."""

_AVX_512 = "X86_V4 AVX512_ICL AVX512_SPR"
_BEYOND_SKYLAKE = "AVX512_ICL AVX512_SPR"
_PROCESSORS = Path("/proc/cpuinfo")


def loaded_kernel() -> str:
    """Return the kernel that this process's NumPy multiplies with, by its name in OPENBLAS_CORETYPE."""
    np.dot(np.ones((2, 2)), np.ones((2, 2)))
    blas = next(library for library in threadpool_info() if library["internal_api"] == "openblas")
    name = str(blas["architecture"])
    return OTHER_NAMES.get(name, name)


def run_on(kernel: str, module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of the tests on a kernel, and return the JSON that it prints.

    NumPy's own loops are held to the instructions that the kernel has too, so that a processor with AVX-512
    computes on the Haswell kernel what one without it computes.

    Parameters
    ----------
    kernel
        Its name in OPENBLAS_CORETYPE. The test is skipped where the processor or this OpenBLAS lacks it.
    module, arguments
        What is run; its answer has the name of the kernel that was loaded at "kernel".
    """
    missing = NEEDED_FLAGS[kernel] - _processor_flags()
    if missing:
        pytest.skip(f"this processor cannot run the {kernel} kernel: it lacks {', '.join(sorted(missing))}")
    beyond = _BEYOND_SKYLAKE if "avx512f" in NEEDED_FLAGS[kernel] else _AVX_512
    environment = os.environ | {
        "OPENBLAS_CORETYPE": kernel,
        "OPENBLAS_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": beyond,
    }
    command = [sys.executable, "-m", module, *arguments]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    answer: dict[str, Any] = json.loads(run.stdout)
    if answer["kernel"] != kernel:
        pytest.skip(f"this OpenBLAS has no kernel {kernel}: it loaded {answer['kernel']} in its place")
    return answer


@cache
def _processor_flags() -> frozenset[str]:
    """Return what the first processor can do, in Linux's words; nothing where the system does not tell."""
    if platform.machine() != "x86_64" or not _PROCESSORS.is_file():
        return frozenset()
    lines = _PROCESSORS.read_text().splitlines()
    return frozenset(next((line for line in lines if line.startswith("flags")), "").split())
