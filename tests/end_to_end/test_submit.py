"""A study as a job of a real Ray cluster: left alone, followed, stopped, submitted again; the same study."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from service.commands.ray_jobs import MOST_BYTES
from service.study.storage.storage_errors import StorageError
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import PROCTOR, environment, proctor, start_proctor, trials_of
from tests.house.checkout import ROOT
from tests.service.study.search.studies import content

STUDY = """
trials = 8
no_baselines = true
training = { max_epochs = 8 }
confirmation = { finalists = 0 }
[data]
table = "here/houses.csv"
target = "price"
"""
STORAGE = ("--storage", "postgresql+psycopg://nobody@localhost/none")
NOWHERE = ("--address", "http://127.0.0.1:9")

on_ray_default = pytest.mark.skipif(
    find_spec("aiohttp") is None, reason="the extra proctor[submit] is not installed: `make clusters` has it"
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give a directory with a study of a table in another."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "houses.csv").write_bytes((ROOT / "examples" / "houses.csv").read_bytes())
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def submit(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own: it speaks to Ray."""
    return subprocess.run(
        [PROCTOR, "submit", "study.toml", *words],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_line(line: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a line that was printed, as it stands."""
    path = f"{PROCTOR.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", line],
        cwd=cwd,
        env=environment(PATH=path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve a directory over HTTP, as anything may that is no job server; yield its URL."""
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=directory)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def content_of(url: str) -> list[dict[str, Any]]:
    """Return all that the study's trials are; nothing where it has not been made."""
    with suppress(StorageError), closing(StudyStore(url, create=False)) as store:
        return content(store, "houses")
    return []


def n_ended(url: str) -> int:
    return sum(trial["state"].is_finished() for trial in content_of(url))


@on_ray_default
def test_a_followed_job_is_the_same_study(directory: Path, job_server: str, postgresql_url: str) -> None:
    alone = proctor("run", "study.toml", "--workers", "0", "--no-report", cwd=directory)
    assert alone.returncode == 0, alone.stderr

    done = submit("--address", job_server, "--storage", postgresql_url, "--follow", cwd=directory)

    assert done.returncode == 0, (done.stdout, done.stderr)
    assert done.stdout.startswith(
        f"study houses: {directory}/here/houses.csv, regression of price; 360 train"
    )
    figures = [line for line in alone.stdout.splitlines() if line.startswith("Test RMSE")]
    assert figures
    assert set(figures) <= set(done.stdout.splitlines())
    assert content_of(postgresql_url) == trials_of(directory, "houses")


@on_ray_default
def test_a_job_goes_on_by_itself_and_the_lines_that_are_printed_find_it(
    directory: Path, job_server: str, postgresql_url: str
) -> None:
    url = f"{postgresql_url}?application_name=a&password=secret"  # as nobody asks for it here
    (directory / "study.toml").write_text(STUDY.replace("trials = 8", "trials = 4000"))
    words = ("submit", "study.toml", "--address", job_server, "--storage", url, "--follow")
    following = start_proctor(*words, cwd=directory, PROCTOR_STORAGE=url)
    assert following.stdout is not None
    said = [following.stdout.readline().rstrip() for _ in range(5)]
    job = said[2].split()[-1]
    assert said[1:] == [
        f"job {job} submitted to {job_server}, with houses.csv",
        f"follow it: ray job logs --address {job_server} --follow {job}",
        "watch it:  proctor watch houses",
        f"stop it:   ray job stop --address {job_server} {job}",
    ]
    while not (line := following.stdout.readline()).startswith("trial "):
        assert line, following.communicate()
        said.append(line)
    following.send_signal(signal.SIGINT)
    rest, _ = following.communicate(timeout=60)
    assert following.returncode == 130
    assert rest.splitlines()[-1] == f"the job goes on; {said[2]}"
    assert "secret" not in f"{said}{rest}"

    n_before, until = n_ended(postgresql_url), time.monotonic() + 60
    while n_ended(postgresql_url) <= n_before:
        assert time.monotonic() < until
        time.sleep(0.2)
    shown = run_line(f"ray job list --address {job_server}", directory).stdout
    assert job in shown
    assert "secret" not in shown
    assert run_line(said[4].removeprefix("stop it:"), directory).returncode == 0
    log = run_line(said[2].removeprefix("follow it:"), directory).stdout
    assert re.search(r"^trial +0  complete", log, re.MULTILINE)
    assert "secret" not in log


@on_ray_default
def test_a_study_that_is_submitted_again_goes_on(
    directory: Path, job_server: str, postgresql_url: str
) -> None:
    where = ("--address", job_server, "--storage", postgresql_url)
    assert submit(*where, "--follow", "--keep-sealed", cwd=directory).returncode == 0
    before = content_of(postgresql_url)

    again = submit(*where, "--follow", cwd=directory)
    assert again.returncode == 0, again.stdout
    assert content_of(postgresql_url) == before
    assert "Test RMSE" not in again.stdout, "it was to be kept sealed"

    (directory / "study.toml").write_text(STUDY.replace("trials = 8", "trials = 9"))
    other = submit(*where, "--follow", cwd=directory)
    assert other.returncode == 2, other.stdout
    assert "study 'houses' was begun with other settings: expected trials = 8, got 9" in other.stdout


@on_ray_default
def test_tables_that_the_head_has_are_not_sent(directory: Path, job_server: str, postgresql_url: str) -> None:
    """Here the head is this machine."""
    where = ("--address", job_server, "--storage", postgresql_url)
    (directory / "here" / "houses.csv").rename(directory / "there.csv")
    (directory / "study.toml").write_text(STUDY.replace("here/houses.csv", f"{directory}/there.csv"))
    done = submit(*where, "--no-upload", "--name", "houses", cwd=directory)

    assert done.returncode == 0, done.stderr
    submitted, follow, *_ = done.stdout.splitlines()
    assert submitted.endswith(f" submitted to {job_server}")
    assert "Test RMSE" in run_line(follow.removeprefix("follow it:"), directory).stdout


@on_ray_default
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            (),
            "--storage: expected a database on a server, such as postgresql+psycopg://USER@HOST/DATABASE, ",
        ),
        (
            ("--storage", "sqlite:////studies/proctor.db"),
            "HOST/DATABASE, got SQLite: a file would lie on the",
        ),
        (STORAGE, "--address http://127.0.0.1:9: nobody answers: [Errno 111] Connection refused"),
        (
            (*STORAGE, "--address", "head:8265"),
            "--address: expected the URL of a head's dashboard, such as http://",
        ),
        (
            (*STORAGE, "--workers", "0"),
            "--workers: 0 trains in this process, without Ray: expected no address",
        ),
        ((*STORAGE, "--keep-sealed", "--look-again", "why"), "expected one of them, got both"),
    ],
)
def test_what_cannot_be_submitted_is_refused_in_one_line(
    words: tuple[str, ...], said: str, directory: Path
) -> None:
    refused = submit(*NOWHERE, *words, cwd=directory)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_what_is_no_study_file_is_refused_in_one_line(tmp_path: Path) -> None:
    refused = proctor("submit", "digits", *NOWHERE, cwd=tmp_path)
    assert refused.returncode == 2
    assert "expected a study file, STUDY.toml, got 'digits'; `proctor init` writes one" in refused.stderr


@on_ray_default
def test_what_is_no_job_server_is_refused_in_one_line(directory: Path) -> None:
    with served(directory) as address:
        refused = submit(*STORAGE, "--address", address, cwd=directory)
    assert refused.returncode == 2
    assert f"--address {address}: expected Ray's job server: " in refused.stderr
    assert refused.stderr.count("\n") == 1


@on_ray_default
def test_a_log_that_is_not_shown_any_more_is_told_in_one_line(tmp_path: Path) -> None:
    """As by a head that has been started anew, or a proxy before it."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "version").write_text('{"version": "4", "ray_version": "2.60.0", "ray_commit": ""}')
    script = (
        "import sys; from service.commands.ray_jobs import RayJobs; from service.errors import ProctorError\n"
        "try: RayJobs(sys.argv[1]).follow('houses-1', print)\n"
        "except ProctorError as error: sys.exit(str(error))"
    )
    with served(tmp_path) as address:
        followed = subprocess.run(
            [sys.executable, "-c", script, address],
            env=environment(PYTHONPATH=f"{ROOT}"),
            capture_output=True,
            text=True,
            check=False,
        )
    assert followed.stderr.startswith(
        f"the connection to {address} is lost, and job houses-1 goes on without: 404"
    )
    assert followed.stderr.count("\n") == 1


@on_ray_default
def test_tables_that_are_too_large_to_be_sent_are_refused_in_one_line(
    directory: Path, job_server: str
) -> None:
    os.truncate(directory / "here" / "houses.csv", MOST_BYTES)
    refused = submit(*STORAGE, "--address", job_server, cwd=directory)

    assert refused.returncode == 2
    assert "MB, and Ray takes at most 105 MB with a job: put them where the cluster's head" in refused.stderr
    assert refused.stderr.count("\n") == 1


@on_ray_default
def test_what_a_head_takes_at_most_is_rays_own_limit() -> None:
    from ray._private.ray_constants import DASHBOARD_CLIENT_MAX_SIZE  # noqa: PLC0415 (not to be imported by all)

    assert MOST_BYTES == DASHBOARD_CLIENT_MAX_SIZE


def test_without_the_extra_one_line_says_what_to_install(directory: Path) -> None:
    script = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "from service.cli import run_command; sys.exit(run_command(sys.argv[1:]))"
    )
    refused = subprocess.run(
        [sys.executable, "-c", script, "submit", "study.toml", *NOWHERE, *STORAGE],
        cwd=directory,
        env=environment(PYTHONPATH=f"{ROOT}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        refused.stderr
        == "proctor: submit is an extra: install proctor[submit], or the package ray[default]\n"
    )
