"""The user's code in two threads at once, and the threads of what it imports."""

import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.house.checkout import ROOT
from tests.workers.own.own_sources import source_of_text
from workers.own.loading import loaded
from workers.own.user_code import GlobalRandomness, muted, users_code

SOURCE = source_of_text("def make():\n    return None\n")
N_THREADS = 4


def drawn(seed: int) -> list[float]:
    """Draw from NumPy's global generator in turns, with pauses in which other threads run."""
    randomness, numbers = GlobalRandomness(seed), []
    for _ in range(20):
        with users_code(SOURCE, randomness):
            print("drawing")  # noqa: T201 (as users do)
            numbers.append(np.random.random())  # noqa: NPY002
            time.sleep(0.0005)
            numbers.append(np.random.random())  # noqa: NPY002
    return numbers


def test_threads_at_once_draw_what_each_would_alone_and_leave_the_process_as_it_was(
    capfd: pytest.CaptureFixture[str],
) -> None:
    alone = [drawn(seed) for seed in range(N_THREADS)]
    stream, filters = sys.stdout, list(warnings.filters)
    with ThreadPoolExecutor(N_THREADS) as threads:
        together = list(threads.map(drawn, range(N_THREADS)))

    assert together == alone
    assert sys.stdout is stream
    assert list(warnings.filters) == filters
    assert capfd.readouterr() == ("", "")


def test_a_file_is_imported_once_by_however_many_threads() -> None:
    source = source_of_text("import time\ntime.sleep(0.05)\ndef make():\n    return None\n")
    with ThreadPoolExecutor(N_THREADS) as threads:
        made = set(threads.map(lambda _: loaded(source), range(N_THREADS)))
    assert len(made) == 1


def test_a_stream_that_somebody_keeps_passes_everything_on_in_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with muted():
        kept = sys.stdout
        print("not seen")  # noqa: T201
        kept.writelines(["nor", "this"])
    kept.write("seen")
    assert capsys.readouterr().out == "seen"


def test_libraries_that_the_code_has_loaded_meanwhile_are_limited_to_one_thread() -> None:
    script = """
from threadpoolctl import threadpool_info
from workers.model_source import ModelSource, Role
from workers.own.user_code import users_code
source = ModelSource(Role.ESTIMATOR, "/nowhere/my_models.py", "make", b"")
with users_code(source):
    before = len(threadpool_info())
    import sklearn.ensemble
with users_code(source):
    found = threadpool_info()
assert len(found) > before, found
assert {each["num_threads"] for each in found} == {1}, found
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
