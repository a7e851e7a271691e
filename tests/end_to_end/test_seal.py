"""The seal, through the real command: in workers' memory, in races, and in crashes at the worst moment."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sqlalchemy import create_engine

from service.configuration.study_file import study_from_flags
from service.data.preparation.preparation import Preparation
from service.data.preparation.prepared_data import prepare_data
from service.seal.openings import Look
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import (
    database,
    descendants,
    environment,
    proctor,
    start_on_ray,
    trials_of,
    wait_for_trials,
)

QUICK = (
    *("--space", "small", "--trials", "6", "--seed", "2", "--workers", "0", "--max-epochs", "6"),
    *("--confirm", "0"),
)


def write_table(path: Path, X: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    """Write a CSV file with a text target."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([f"x{column}" for column in range(X.shape[1])] + ["kind"])
        rows.writerows([*map(repr, row.tolist()), "ab"[label]] for row, label in zip(X, y, strict=True))


def noisy_halves(n: int = 300) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Make a table whose values appear nowhere else."""
    rng = np.random.default_rng(99)
    X = rng.normal(size=(n, 6))
    return X, (X[:, 0] + rng.normal(scale=0.5, size=n) > 0).astype(np.int64)


STUDY = """
name = "table"
space = "small"
[data]
table = "table.csv"
test_table = "test.csv"
target = "kind"
"""


def test_the_search_is_the_same_whatever_the_test_rows_hold(tmp_path: Path) -> None:
    X, y = noisy_halves()
    outcomes = []
    for name, garbage in (("honest", "0.5,1,2,3,4,5,a"), ("garbage", "x,1e300,,inf,NA,\x01 text,b")):
        directory = tmp_path / name
        directory.mkdir()
        (directory / "study.toml").write_text(STUDY)
        write_table(directory / "table.csv", X, y)
        (directory / "test.csv").write_text("x0,x1,x2,x3,x4,x5,kind\n" + f"{garbage}\n" * 60)
        run = proctor(
            "run",
            "study.toml",
            *QUICK,
            "--keep-sealed",
            "--json",
            cwd=directory,
        )
        assert run.returncode == 0, run.stderr
        report = json.loads(run.stdout)
        assert report["test"] is None
        outcomes.append((trials_of(directory, "table"), report["winner"]))

    assert outcomes[0] == outcomes[1]


def test_an_opened_test_set_is_not_refused_for_what_its_cells_hold(tmp_path: Path) -> None:
    X, y = noisy_halves()
    (tmp_path / "study.toml").write_text(STUDY)
    write_table(tmp_path / "table.csv", X, y)
    (tmp_path / "test.csv").write_text("x0,x1,x2,x3,x4,x5,kind\n" + "x,1e300,,inf,NA,two words,b\n" * 60)
    run = proctor("run", "study.toml", *QUICK, "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["test"]["n_examples"] == 60


@pytest.mark.skipif(sys.platform != "linux", reason="reads other processes' memory through /proc")
def test_no_test_row_is_ever_in_a_worker_or_the_object_store(tmp_path: Path) -> None:
    X, y = noisy_halves(2000)
    write_table(tmp_path / "table.csv", X, y)
    prepared = prepare_data(
        study_from_flags({"data.table": str(tmp_path / "table.csv"), "data.target": "kind", "seed": 2})[0]
    )
    preparation = prepared.preparations[prepared.first_choices]
    kept = set(prepared.split.known.rows.tolist())
    sealed = X[[row for row in range(len(y)) if row not in kept]]
    arguments = ("run", "table.csv", "--target", "kind", "--seed", "2", "--workers", "2", "--trials", "200")
    running = start_on_ray("first", *arguments, "--patience", "60", "--keep-sealed", cwd=tmp_path)
    try:
        wait_for_trials(running, tmp_path, "table", 4)
        processes = descendants(running.pid)
        signal_all((running.pid, *processes), signal.SIGSTOP)  # nothing moves while it is looked through
        telltales = sealed[[0, len(sealed) // 2, -1]]
        known = inputs(preparation, X[sorted(kept)][:1])
        rows = [*known, *telltales, *inputs(preparation, telltales)]
        held = {pid: rows_held(pid, rows) for pid in processes}
    finally:
        signal_all((running.pid, *descendants(running.pid)), signal.SIGKILL)
        running.communicate()

    shared = [pid for pid, is_held in held.items() if is_held[0]]
    leaks = [processes[pid] for pid, is_held in held.items() if any(is_held[1:])]
    assert len(shared) >= 2, "the search finds what workers do hold"
    assert not leaks


def inputs(preparation: Preparation, X: NDArray[np.float64]) -> NDArray[np.float32]:
    frame = pl.DataFrame(X, schema=[f"x{column}" for column in range(X.shape[1])])
    return preparation.lenient_inputs(frame).X


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def rows_held(pid: int, rows: Sequence[NDArray[np.floating]]) -> list[bool]:
    """Return which of the rows a process has in writable memory, byte by byte."""
    patterns = [np.ascontiguousarray(row).tobytes() for row in rows]
    is_held = [False] * len(rows)
    try:
        with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb") as memory:
            for line in maps:
                addresses, permissions, *_ = line.split()
                low, high = (int(address, 16) for address in addresses.split("-"))
                if permissions.startswith("rw"):
                    try:
                        memory.seek(low)
                        region = memory.read(high - low)
                    except (OSError, ValueError):
                        continue  # a page that cannot be read, such as a device's
                    is_held = [
                        was or pattern in region for was, pattern in zip(is_held, patterns, strict=True)
                    ]
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has ended meanwhile
    return is_held


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a study that stays sealed; its database lies in the directory returned."""
    directory = tmp_path_factory.mktemp("sealed")
    run = proctor("run", "iris", *QUICK, "--keep-sealed", "--json", cwd=directory)
    assert run.returncode == 0, run.stderr
    return directory


@pytest.fixture
def sealed_study(run_once: Path, tmp_path: Path) -> Path:
    """Return a directory with a copy of it."""
    shutil.copytree(run_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


def looks_of(directory: Path, study: str) -> tuple[Look, ...]:
    """Return a study's looks in the ledger."""
    with closing(StudyStore(database(directory), create=False)) as store:
        return store.ledger().looks(store.identity(study))


def looks(directory: Path) -> list[tuple[int, bool]]:
    """Return number and completeness of each look in the ledger."""
    return [(look.look, look.is_finished) for look in looks_of(directory, "iris")]


def test_of_eight_processes_that_race_to_open_one_wins_and_the_others_are_told(sealed_study: Path) -> None:
    with ThreadPoolExecutor(8) as racers:
        ends = list(racers.map(lambda _: proctor("unseal", "iris", "--json", cwd=sealed_study), range(8)))

    winners = [end.stdout for end in ends if end.returncode == 0]
    assert len(winners) == 1
    assert json.loads(winners[0])["test"]["models"]["winner"].keys() == {
        "error",
        "log_loss",
        "balanced_error",
        "macro_f1",
        "roc_auc",
        "calibration_error",
    }
    told = [end.stderr for end in ends if end.returncode != 0]
    assert all(err.startswith("proctor: ") and err.count("\n") == 1 for err in told), told
    assert all(("opened" in err and "process" in err) or "is being changed by" in err for err in told), told
    assert looks(sealed_study) == [(1, True)]


DIES_BEFORE_ITS_FIGURES = """
import os, signal, sys
from service.winner.examination.candidate import Candidate
from service.seal.sealed_test_set import SealedTestSet
from service.cli import main

opened = SealedTestSet.open
def die_after_opening(self, opening):
    opened(self, opening)
    os.kill(os.getpid(), signal.SIGKILL)

SealedTestSet.open = die_after_opening
sys.argv = ["proctor", "unseal", "iris"]
main()
"""


def test_an_opening_whose_process_was_killed_before_its_figures_is_shown_and_can_be_finished(
    sealed_study: Path,
) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DIES_BEFORE_ITS_FIGURES], cwd=sealed_study, env=environment(), check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert looks(sealed_study) == [(1, False)]

    shown = proctor("show", "iris", cwd=sealed_study)
    assert "without a figure" in " ".join(shown.stdout.split()), shown.stdout
    finished = proctor("unseal", "iris", "--json", cwd=sealed_study)

    assert finished.returncode == 0, finished.stderr
    assert looks(sealed_study) == [(1, True)]
    refused = proctor("unseal", "iris", cwd=sealed_study)
    assert refused.returncode == 2


def test_a_second_look_needs_a_reason_and_is_counted_for_ever(sealed_study: Path) -> None:
    assert proctor("unseal", "iris", cwd=sealed_study).returncode == 0
    refused = proctor("unseal", "iris", cwd=sealed_study)
    assert refused.returncode == 2
    assert "opened" in refused.stderr
    no_reason = proctor("unseal", "iris", "--look-again", "", cwd=sealed_study)
    assert no_reason.returncode == 2
    again = proctor("unseal", "iris", "--look-again", "the plot was lost", "--json", cwd=sealed_study)

    assert again.returncode == 0, again.stderr
    report = json.loads(proctor("show", "iris", "--json", cwd=sealed_study).stdout)
    assert [(look["look"], look["reason"]) for look in report["looks"]] == [
        (1, None),
        (2, "the plot was lost"),
    ]
    other = proctor(
        *("run", "iris", *QUICK, "--name", "other", "--look-again", "a wider space", "--json"),
        cwd=sealed_study,
    )
    looks_by_all = json.loads(other.stdout)["looks"]
    assert [look["study"] for look in looks_by_all] == ["iris", "iris", "other"]
    assert looks_by_all[-1]["reason"] == "a wider space"
    assert json.loads(other.stdout)["test"] is not None


def test_a_study_whose_test_set_another_opened_says_so_first_and_stays_sealed_until_a_reason_is_given(
    sealed_study: Path,
) -> None:
    assert proctor("unseal", "iris", cwd=sealed_study).returncode == 0
    opened = f"{looks_of(sealed_study, 'iris')[0].opened_at:%Y-%m-%d %H:%M} UTC"
    before = f"this test set was opened before, once: by study iris ({opened})"
    run = ("run", "iris", *QUICK, "--max-epochs", "5")

    second = proctor(*run, "--name", "second", cwd=sealed_study)
    assert second.returncode == 0, second.stderr
    assert f"warning: {before}; the test figure of study second will stay sealed" in second.stderr
    assert f"The test figure is sealed: {before}" in " ".join(second.stdout.split())
    unseal = 'proctor unseal second --look-again "REASON"'
    assert unseal in second.stdout
    assert "Test error" not in second.stdout
    page = (sealed_study / "second-report.html").read_text("utf-8")
    assert "opened before, once: by study iris" in page

    third = proctor(*run, "--name", "third", "--json", cwd=sealed_study)
    report = json.loads(third.stdout)
    assert before in third.stderr
    assert report["test"] is None
    assert report["earlier_looks"]["sentence"] == before
    resumed = proctor("resume", "third", "--json", cwd=sealed_study)
    assert json.loads(resumed.stdout)["test"] is None
    assert before in resumed.stderr

    refused = proctor("unseal", "second", cwd=sealed_study)
    assert refused.returncode == 2
    assert "look 1 of study 'iris'" in refused.stderr
    assert '--look-again "REASON"' in refused.stderr
    assert looks_of(sealed_study, "second") == ()
    told = proctor("unseal", "second", "--look-again", "to compare", "--json", cwd=sealed_study)
    assert json.loads(told.stdout)["test"] is not None
    assert looks_of(sealed_study, "second")[0].reason == "to compare"


def optuna_rows(directory: Path) -> str:
    """Return all that Optuna's own tables hold."""
    engine = create_engine(database(directory))
    with engine.connect() as connection:
        tables = ["study_user_attributes", "study_system_attributes", "trial_user_attributes"]
        tables += ["trial_system_attributes", "trial_values", "trial_intermediate_values"]
        stored = " ".join(
            str(tuple(row))
            for table in tables
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608
        )
    engine.dispose()
    return stored


def test_no_test_figure_stands_in_the_optuna_study(sealed_study: Path) -> None:
    report = json.loads(proctor("unseal", "iris", "--json", cwd=sealed_study).stdout)

    stored = optuna_rows(sealed_study)
    for model in ("winner", "logistic regression"):  # the majority class may do as well on dev as on test
        assert str(report["test"]["models"][model]["log_loss"]) not in stored
    assert str(report["winner"]["figures"]["dev"]["log_loss"]) in stored, "the search finds what is stored"


TINY = (
    *("--space", "small", "--workers", "0", "--max-epochs", "6", "--no-baselines"),
    *("--confirm", "1", "--confirm-seeds", "1"),
)
WENT_ON = "the search went on after a look at the test set"


@pytest.fixture(scope="module")
def opened_after_three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run studies of three trials to their openings: `new` has another winner after ten, `old` the same."""
    directory = tmp_path_factory.mktemp("opened")
    for name, seed in (("new", "3"), ("old", "2")):
        run = proctor("run", "iris", "--name", name, "--seed", seed, "--trials", "3", *TINY, cwd=directory)
        assert run.returncode == 0, run.stderr
    return directory


@pytest.fixture
def opened(opened_after_three: Path, tmp_path: Path) -> Path:
    """Return a directory with a copy of them."""
    shutil.copytree(opened_after_three, tmp_path, dirs_exist_ok=True)
    return tmp_path


def shown(directory: Path, study: str) -> dict[str, Any]:
    """Return a study's report."""
    report: dict[str, Any] = json.loads(proctor("show", study, "--json", cwd=directory).stdout)
    return report


def more_of(directory: Path, study: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let a study go on to ten trials."""
    run = proctor("resume", study, "--trials", "10", "--workers", "0", *arguments, cwd=directory)
    assert run.returncode == 0, run.stderr
    return run


def test_a_new_winner_after_a_look_stays_sealed_until_a_reason_is_given_and_every_report_says_so(
    opened: Path,
) -> None:
    first = shown(opened, "new")
    run = more_of(opened, "new")
    report = shown(opened, "new")

    assert report["winner"]["trial"] != first["winner"]["trial"]
    assert report["winner"]["is_reproduced"], "its seed is that of its place, whatever its number"
    assert report["test"] is None
    assert report["overfitting"] is None
    assert [look.is_finished for look in looks_of(opened, "new")] == [True]
    (after,) = report["searches_after_looks"]
    assert (after["n_trials"], after["n_after"]) == (3, 7)
    assert after["winner_trial"] == first["winner"]["trial"]
    assert after["figure"] == first["test"]["models"]["winner"]["error"]
    assert "a new winner of study new will stay sealed" in run.stderr
    said = " ".join(run.stdout.split())
    assert WENT_ON in said
    assert "followed 3 trials" in said
    assert "7 trials came after it" in said
    assert "which has not been evaluated on the test set" in said
    assert_marked(opened, "new")

    refused = proctor("unseal", "new", cwd=opened)
    assert refused.returncode == 2
    assert "give a reason" in refused.stderr
    told = proctor("unseal", "new", "--look-again", "more was searched", "--json", cwd=opened)
    again = json.loads(told.stdout)
    assert again["test"]["winner_trial"] == report["winner"]["trial"]
    assert again["searches_after_looks"] == report["searches_after_looks"]
    assert [look.reason for look in looks_of(opened, "new")] == [None, "more was searched"]
    assert "tends to be too good" in proctor("show", "new", cwd=opened).stdout
    assert_marked(opened, "new")
    resumed = json.loads(proctor("resume", "new", "--json", cwd=opened).stdout)
    assert resumed == again


def assert_marked(directory: Path, study: str) -> None:
    """Look for the mark wherever the study is told of, and for no test figure where none may be."""
    for file in ("page.html", "page.md"):
        assert proctor("report", study, "-o", file, cwd=directory).returncode == 0
        page = (directory / file).read_text("utf-8").lower()
        assert page.count(WENT_ON) >= 2, file
    listed = " ".join(proctor("list", cwd=directory).stdout.split())
    assert f"{study}: {WENT_ON}" in listed
    stored = optuna_rows(directory)
    assert WENT_ON in stored, "the dashboard's note says so"
    for look in looks_of(directory, study):
        models: Any = (look.figures or {})["models"]
        assert str(models["winner"]["log_loss"]) not in stored


def test_a_reason_given_with_the_new_limit_opens_the_test_set_for_a_new_winner(opened: Path) -> None:
    report = json.loads(more_of(opened, "new", "--look-again", "a larger budget", "--json").stdout)

    assert report["test"]["winner_trial"] == report["winner"]["trial"]
    assert [look.reason for look in looks_of(opened, "new")] == [None, "a larger budget"]
    assert len(report["searches_after_looks"]) == 1
    assert_marked(opened, "new")


def test_the_same_winner_keeps_its_figure_and_the_mark_stays(opened: Path) -> None:
    first = shown(opened, "old")
    run = more_of(opened, "old", "--look-again", "a larger budget")
    report = shown(opened, "old")

    assert report["winner"]["trial"] == first["winner"]["trial"]
    assert report["test"] == first["test"]
    assert len(looks_of(opened, "old")) == 1, "nobody looks twice at the same network"
    assert len(report["searches_after_looks"]) == 1
    assert "so the figure from that look is its figure" in " ".join(run.stdout.split())
    assert_marked(opened, "old")


def test_a_sealed_study_that_goes_on_is_not_marked(sealed_study: Path) -> None:
    run = proctor("resume", "iris", "--trials", "8", "--workers", "0", "--json", cwd=sealed_study)
    report = json.loads(run.stdout)

    assert report["trials"]["complete"] + report["trials"]["pruned"] == 8
    assert report["searches_after_looks"] == []
    assert report["test"] is None
    assert looks(sealed_study) == []


def test_an_opening_without_a_figure_is_finished_before_a_study_goes_on(sealed_study: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", DIES_BEFORE_ITS_FIGURES], cwd=sealed_study, env=environment(), check=False
    )
    refused = proctor("resume", "iris", "--trials", "8", "--workers", "0", cwd=sealed_study)

    assert refused.returncode == 2
    assert "`proctor unseal iris` finishes that first" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert len(trials_of(sealed_study, "iris")) == 6


def test_a_further_look_whose_process_was_killed_is_finished_by_a_resume(opened: Path) -> None:
    resume = ["proctor", "resume", "new", "--trials", "10", "--workers", "0", "--look-again", "more"]
    dies = DIES_BEFORE_ITS_FIGURES.replace('["proctor", "unseal", "iris"]', repr(resume))
    died = subprocess.run([sys.executable, "-c", dies], cwd=opened, env=environment(), check=False)
    assert died.returncode == -signal.SIGKILL
    assert [look.is_finished for look in looks_of(opened, "new")] == [True, False]
    run = proctor(*resume[1:], "--json", cwd=opened)
    report = json.loads(run.stdout)

    assert report["test"]["winner_trial"] == report["winner"]["trial"]
    assert [look.is_finished for look in looks_of(opened, "new")] == [True, True]
    assert len(report["searches_after_looks"]) == 1
