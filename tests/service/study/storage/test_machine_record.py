"""A machine whose bits may differ from those that a study began with is told, and no other."""

import platform
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version

import pytest

from service.study.storage.machine_record import MachineRecord, differences, this_machine, versions_here

HERE = MachineRecord("x86_64", "AMD EPYC 9354", "openblas 0.3.31 SkylakeX")
VERSIONS = {"python": "3.11.7", "numpy": "2.4.6", "optuna": "5.0.0", "ray": "2.60.0"}
STORED = {"machine": HERE.attribute(), "versions": VERSIONS}


def test_this_machine_tells_its_architecture_processor_and_blas() -> None:
    machine = this_machine()
    assert machine.architecture == platform.machine()
    assert machine.blas is not None
    assert machine.blas.split()[0] in {"openblas", "mkl", "blis", "accelerate"}
    if sys.platform == "linux":
        assert machine.processor is None or machine.processor in platform.processor() + open_processors()
    assert this_machine() == machine
    assert versions_here()["numpy"] == version("numpy")


def open_processors() -> str:
    return subprocess.run(["cat", "/proc/cpuinfo"], capture_output=True, text=True, check=True).stdout


def test_the_blas_is_numpys_also_where_scipy_has_loaded_its_own() -> None:
    program = (
        "from service.study.storage.machine_record import this_machine; before = this_machine();"
        "import scipy.linalg; print(before == this_machine())"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "True"


def test_the_same_machine_differs_in_nothing() -> None:
    assert differences(STORED, HERE, VERSIONS) == []


@pytest.mark.parametrize(
    ("machine", "versions", "told"),
    [
        (
            replace(HERE, blas="openblas 0.3.31 Haswell"),
            VERSIONS,
            (
                "BLAS kernel: the study was begun with openblas 0.3.31 SkylakeX, "
                "this machine has openblas 0.3.31 Haswell"
            ),
        ),
        (
            replace(HERE, architecture="arm64"),
            VERSIONS,
            "architecture: the study was begun with x86_64, this machine has arm64",
        ),
        (
            replace(HERE, processor="Xeon"),
            VERSIONS,
            "processor: the study was begun with AMD EPYC 9354, this machine has Xeon",
        ),
        (
            HERE,
            VERSIONS | {"numpy": "2.5.0"},
            "numpy: the study was begun with 2.4.6, this machine has 2.5.0",
        ),
        (
            HERE,
            VERSIONS | {"optuna": "5.1.0"},
            "optuna: the study was begun with 5.0.0, this machine has 5.1.0",
        ),
    ],
)
def test_what_differs_is_told_in_a_line(machine: MachineRecord, versions: dict[str, str], told: str) -> None:
    assert differences(STORED, machine, versions) == [told]


def test_what_decides_no_bits_may_differ() -> None:
    assert differences(STORED, HERE, VERSIONS | {"ray": "2.61.0", "python": "3.12.0"}) == []


def test_what_an_older_study_does_not_know_cannot_differ() -> None:
    stored = STORED | {"machine": {"architecture": "x86_64", "processor": None, "blas": None}}
    assert differences(stored, HERE, VERSIONS) == []
