"""How the command's process ends: with its own status, whatever becomes of the libraries in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.commands import environment

FAILS_AT_ITS_END = """
import atexit, ctypes, sys, types
libc = ctypes.CDLL(None)
libc.on_exit(libc.abort, None)  # as a destructor in C++ that crashes
atexit.register(print, "what Python does at its end is done")
sys.modules["ray"] = types.ModuleType("ray")
sys.argv = ["proctor", *sys.argv[1:]]
from service.cli import main
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="on_exit is the GNU C library's")
@pytest.mark.parametrize(("words", "status"), [(["spaces"], 0), (["spaces", "show", "smal"], 2)])
def test_a_library_of_rays_that_crashes_at_the_very_end_takes_nothing_along(
    words: list[str], status: int, tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FAILS_AT_ITS_END, *words],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == status
    assert ended.stdout.endswith("what Python does at its end is done\n")
    assert ("small" in ended.stdout) == (status == 0)
    assert ("did you mean small?" in ended.stderr) == (status == 2)
