"""A resume where products are computed by another kernel says so, and by the same kernel says nothing."""

import sys
from pathlib import Path

import pytest

from tests.end_to_end.commands import installed_proctor, proctor
from tests.workers.blas_kernels import loaded_kernel

RUN = (
    *("run", "iris", "--space", "small", "--trials", "4", "--max-epochs", "3", "--confirm", "0"),
    *("--workers", "0", "--quiet", "--no-report"),
)
RESUME = ("resume", "iris", "--workers", "0", "--no-report")


@pytest.mark.skipif(sys.platform != "linux", reason="only there is it known what a processor can run")
def test_a_resume_on_another_kernel_says_what_differs(tmp_path: Path) -> None:
    ours = loaded_kernel()
    if ours in {"Nehalem", "Prescott"}:
        pytest.skip(f"no other kernel is sure to run where {ours} is the best")
    begun = proctor(*RUN, cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr

    here = proctor(*RESUME, cwd=tmp_path)
    assert here.returncode == 0, here.stderr
    assert "last bits" not in here.stderr

    there = installed_proctor(*RESUME, cwd=tmp_path, OPENBLAS_CORETYPE="Nehalem")
    assert there.returncode == 0, there.stderr
    said = " ".join(there.stderr.split())
    assert "BLAS kernel: the study was begun with openblas" in said
    assert f"{ours}, this machine has openblas" in said
    assert "Nehalem; results from here on may differ in their last bits" in said
