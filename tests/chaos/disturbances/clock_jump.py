"""A coordinator's wall clock that is set forwards and back, as by hand or by a time server after a sleep."""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.chaos.disturbances.disturbance import Disturbance
from tests.chaos.scene import Scene

SOURCE = Path(__file__).with_name("clock_shift.c")
JUMPS_SECONDS = (-86400, -3600, -5, 5, 3600, 86400, 30 * 86400)
_SHIFT_FILE = "CLOCK_SHIFT_FILE"


def clock_variables(directory: Path) -> Mapping[str, str]:
    """Return the environment of a command whose clock can jump; empty where no C compiler is to be had."""
    compiler = shutil.which("cc")
    if compiler is None:
        return {}
    library = directory / "clock_shift.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(words, check=True, capture_output=True)
    shift = directory / "clock_shift"
    shift.write_bytes(struct.pack("q", 0))
    return {"LD_PRELOAD": str(library), _SHIFT_FILE: str(shift)}


def _jump(scene: Scene, rng: Random) -> bool:
    if _SHIFT_FILE not in scene.variables:
        return False
    with Path(scene.variables[_SHIFT_FILE]).open("r+b") as file:  # in place: the process has it mapped
        file.write(struct.pack("q", rng.choice(JUMPS_SECONDS)))
    return True


CLOCK_JUMP = Disturbance("the coordinator's clock set", _jump)
