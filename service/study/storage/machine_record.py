"""The machine and the libraries that a study was begun with, as far as its figures' last bits hang on them.

The same seed gives the same bits where NumPy is the same, and with it its BLAS, and that BLAS chose the same
kernel for the processor. Elsewhere the last bits of products and sums may differ, and a search follows them.

What is recorded is this process's own. The workers of a local cluster inherit its environment, and with it a
kernel that the user chose; those of another cluster run what their machines choose.
"""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

_LIBRARIES = ("proctor", "numpy", "optuna", "polars", "ray", "scikit-learn")
_DECIDING = ("numpy", "optuna")
"""Whose versions bits or suggestions hang on."""

_PROCESSORS = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class MachineRecord:
    """A machine, in the words that the study's attributes have for it.

    Attributes
    ----------
    architecture
        Such as `x86_64`.
    processor
        Its model's name, where the system has it.
    blas
        NumPy's BLAS, its version, and the kernel that it multiplies with here, such as `openblas 0.3.30
        SkylakeX`; None where it does not say.
    """

    architecture: str
    processor: str | None
    blas: str | None

    def attribute(self) -> dict[str, str | None]:
        """Return it as it is kept with the study."""
        return asdict(self)


def this_machine() -> MachineRecord:
    """Return the machine that this process runs on."""
    return MachineRecord(platform.machine(), _processor(), _blas())


def versions_here() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a study is made with."""
    return {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}


def differences(stored: Mapping[str, Any], machine: MachineRecord, versions: Mapping[str, str]) -> list[str]:
    """Tell in what a machine differs from the one that a study was begun on, a line each.

    Parameters
    ----------
    stored
        The study's attributes, of this format. What they do not know cannot differ.
    machine, versions
        Where the study is to go on.
    """
    was = MachineRecord(**stored["machine"])
    there_and_here = {
        "architecture": (was.architecture, machine.architecture),
        "processor": (was.processor, machine.processor),
        "BLAS kernel": (was.blas, machine.blas),
        **{name: (stored["versions"].get(name), versions.get(name)) for name in _DECIDING},
    }
    return [
        f"{name}: the study was begun with {there}, this machine has {here}"
        for name, (there, here) in there_and_here.items()
        if there is not None and here is not None and there != here
    ]


def _processor() -> str | None:
    """Return the first processor's model; systems with several kinds are seldom."""
    if _PROCESSORS.is_file():
        for line in _PROCESSORS.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or None


def _blas() -> str | None:
    """Return NumPy's BLAS among the libraries that are loaded; others may bring one of their own."""
    place = Path(np.__file__).parents[1]
    loaded = [library for library in threadpool_info() if library["user_api"] == "blas"]
    own = [library for library in loaded if Path(library["filepath"]).is_relative_to(place)]
    own = [library for library in own if Path(library["filepath"]).relative_to(place).parts[0][:5] == "numpy"]
    for library in own or loaded:
        words = (library.get(key) for key in ("internal_api", "version", "architecture"))
        return " ".join(str(word) for word in words if word)
    return None
