"""Training leaves the bits that are on record, on each kernel: a change of its arithmetic shows here.

The bits depend on the kernel, on the versions of NumPy, OpenBLAS and SciPy, on the instructions that NumPy
chose for its own loops, and, through exp and log, on the C library. All of these are on record. No layer here
is so large that OpenBLAS would divide it by the size of a cache, so that any processor which runs the kernel
should leave the same bits.
"""

import json
from importlib.metadata import version

import pytest

from tests.workers.blas_kernels import NEEDED_FLAGS, run_on
from tests.workers.golden_trainings import CASES, RECORD

RECORDED = json.loads(RECORD.read_text())
HOW = "python -m tests.workers.golden_trainings --record"


@pytest.mark.parametrize("kernel", NEEDED_FLAGS)
def test_training_leaves_the_recorded_bits(kernel: str) -> None:
    answer = run_on(kernel, "tests.workers.golden_trainings")
    if kernel not in RECORDED:
        pytest.skip(f"nothing is on record for the {kernel} kernel; record it by {HOW}")
    recorded = RECORDED[kernel]
    found = {case: answer["digests"][case] for case in recorded["digests"]}
    if found == recorded["digests"]:
        if missing := sorted(CASES.keys() - found.keys()):
            pytest.skip(f"nothing is on record for the {kernel} kernel of {missing}; record it by {HOW}")
        return
    other = [
        f"{name} {was} there, {answer['conditions'][name]} here"
        for name, was in recorded["conditions"].items()
        if answer["conditions"][name] != was
    ]
    if other:
        pytest.skip(f"other bits than those on record, from elsewhere: {'; '.join(other)}")
    assert found == recorded["digests"]


def test_the_record_is_of_these_cases_and_of_the_versions_that_are_installed() -> None:
    """Otherwise a change of arithmetic would pass, skipped as another version's bits."""
    assert {case for recorded in RECORDED.values() for case in recorded["digests"]} == CASES.keys()
    for kernel, recorded in RECORDED.items():
        for name in ("numpy", "scipy"):
            assert recorded["conditions"][name] == version(name), f"{kernel}: record anew by {HOW}"
