"""Bad input gets one line that says what, where, found and expected; status 2; and nothing is written."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.cli import run_command
from tests.end_to_end.commands import PROCTOR, environment, proctor

TINY = ("--space", "small", "--trials", "2", "--max-epochs", "2", "--workers", "1", "--quiet")
GOOD_ROWS = "".join(f"{row}.5,{row % 3},{'pq'[row % 2]}\n" for row in range(12))


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory."""
    return {str(path): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


class Refusal:
    """Runs commands in a directory and checks how they refuse."""

    def __init__(self, directory: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self._capture = capture

    def __call__(self, *arguments: str) -> str:
        """Run a command that is to be refused, and return its line."""
        before = contents(self.directory)
        status = run_command(list(arguments))
        said = self._capture.readouterr()
        assert status == 2, said
        assert said.out == ""
        assert said.err.startswith("proctor: ")
        assert said.err.count("\n") == 1, said.err
        assert contents(self.directory) == before
        return said.err

    def write(self, name: str, text: str) -> None:
        """Write a file into the directory."""
        (self.directory / name).write_text(text)


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refusal:
    monkeypatch.chdir(tmp_path)
    for name in ("PROCTOR_STORAGE", "PROCTOR_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    return Refusal(tmp_path, capsys)


TABLES = {
    "empty file": ("", "the file is empty"),
    "header only": ("a,b,y\n", "found only a header"),
    "text in a numeric column": (f"a,b,y\n{GOOD_ROWS}x,1,p\n", r"found text, 'x' .*line 14, column 'a'"),
    "a missing cell": (f"a,b,y\n{GOOD_ROWS},1,p\n", "line 14, column 'a'"),
    "a missing target": (f"a,b,y\n{GOOD_ROWS}1,1,\n", "line 14, column 'y'"),
    "a constant target": ("a,b,y\n" + "1,2,p\n3,4,p\n" * 6, "column 'y'"),
    "a class with a single example": (f"a,b,y\n{GOOD_ROWS}1,1,r\n", "'r'"),
    "fewer than ten rows": ("a,b,y\n1,2,p\n3,4,q\n5,6,p\n", "10"),
    "NaN": (f"a,b,y\n{GOOD_ROWS}nan,1,p\n", "line 14, column 'a'"),
    "infinity": (f"a,b,y\n{GOOD_ROWS}1,-inf,p\n", "line 14, column 'b'"),
    "two columns of one name": (f"a,a,y\n{GOOD_ROWS}", "'a'"),
    "a ragged row": (f"a,b,y\n{GOOD_ROWS}1,2\n", "line 14"),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_cannot_be_learned_from_is_refused(refused: Refusal, case: str) -> None:
    text, expected = TABLES[case]
    refused.write("table.csv", text)
    line = refused("run", "table.csv", "--target", "y")

    assert "table.csv" in line
    assert_matches(expected, line)


def assert_matches(pattern: str, line: str) -> None:
    with pytest.raises(ValueError, match=pattern):
        raise ValueError(line)


def test_a_table_that_is_not_there_is_refused(refused: Refusal) -> None:
    assert "nothing.csv' is neither" in refused("run", "nothing.csv", "--target", "y")
    assert "did you mean digits?" in refused("run", "digit")


def test_a_directory_is_no_table(refused: Refusal) -> None:
    (refused.directory / "tables").mkdir()
    assert "found a directory" in refused("run", "./tables", "--target", "y")


def test_a_target_that_is_not_there_is_refused_with_the_nearest(refused: Refusal) -> None:
    refused.write("table.csv", "size,price\n1,2\n3,4\n")
    assert "did you mean 'price'?" in refused("run", "table.csv", "--target", "prise")


STUDY_FILES = {
    "an unknown key": (
        'trails = 3\n[data]\ntable = "digits"\n',
        r"study\.toml:1: trails: .*did you mean trials\?",
    ),
    "a wrong type": (
        '[data]\ntable = "digits"\n[training]\npatience = "long"\n',
        r"study\.toml:4: training\.patience",
    ),
    "invalid TOML": ("seed = 1\ntrials =\n", r"study\.toml:2: invalid TOML"),
    "an unknown space": (
        'space = "smal"\n[data]\ntable = "digits"\n',
        r"study\.toml:1: space: .*did you mean small\?",
    ),
    "a misspelt hyperparameter": (
        '[data]\ntable = "digits"\n[space]\nlearning_rat = 0.1\n',
        r"study\.toml:4: space\.learning_rat: .*did you mean learning_rate\?",
    ),
    "a range upside down": (
        '[data]\ntable = "digits"\n[space.depth]\nlow = 4\nhigh = 2\n',
        r"study\.toml:4: .*low <= high",
    ),
    "a log range from zero": (
        '[data]\ntable = "digits"\n[space.learning_rate]\nlow = 0.0\nhigh = 1.0\nlog = true\n',
        r"study\.toml:4: .*low > 0",
    ),
    "a keep-prob above one": (
        '[data]\ntable = "digits"\n[space.keep_prob]\nlow = 0.5\nhigh = 1.5\n',
        r"study\.toml:\d: space\.keep_prob",
    ),
}


@pytest.mark.parametrize("case", STUDY_FILES)
def test_a_study_file_that_is_wrong_is_refused_with_its_line(refused: Refusal, case: str) -> None:
    text, expected = STUDY_FILES[case]
    refused.write("study.toml", text)

    assert_matches(expected, refused("run", "study.toml"))


FLAGS = {
    ("--trials", "0"): "--trials: expected a whole number of at least 1, found 0",
    ("--workers", "0"): "--workers: expected a whole number of at least 1, found 0",
    ("--space", "smal"): "did you mean small?",
    ("--sampler", "tpee"): "--sampler: ",
    ("--trails", "3"): "No such option '--trails'",
    ("--seed", "one"): "'one' is not a valid integer",
    ("--storage", "nonsense"): "--storage: expected a database URL",
    ("--name", "a/b"): "--name: ",
}


@pytest.mark.parametrize("flags", FLAGS)
def test_a_flag_that_is_wrong_is_named(refused: Refusal, flags: tuple[str, str]) -> None:
    assert FLAGS[flags] in refused("run", "digits", *flags)


def test_an_unknown_command_is_refused(refused: Refusal) -> None:
    assert "No such command 'rum'" in refused("rum", "digits")


def test_a_database_that_cannot_be_reached_is_named_without_its_password(refused: Refusal) -> None:
    line = refused("run", "digits", "--storage", "postgresql+psycopg://someone:s3cret@127.0.0.1:1/studies")
    assert "someone:***@127.0.0.1:1/studies" in line
    assert "s3cret" not in line


@pytest.mark.parametrize("command", ["resume", "unseal", "show"])
def test_a_database_that_is_not_there_is_not_made(refused: Refusal, command: str) -> None:
    assert "proctor.db does not exist" in refused(command, "digits")


def test_a_ray_address_that_does_not_answer_is_refused_soon(refused: Refusal) -> None:
    began = time.monotonic()
    assert "--address: no Ray cluster answers" in refused("run", "iris", "--address", "127.0.0.1:9")
    assert time.monotonic() - began < 15


def test_a_study_file_is_not_written_over(refused: Refusal) -> None:
    refused.write("study.toml", "# mine\n")
    assert "study.toml exists" in refused("init", "digits")


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a study on a CSV file; its database and its table lie in the directory returned."""
    directory = tmp_path_factory.mktemp("studied")
    (directory / "table.csv").write_text("a,b,y\n" + GOOD_ROWS * 3)
    run = proctor("run", "table.csv", "--target", "y", *TINY, cwd=directory)
    assert run.returncode == 0, run.stderr
    return directory


def first_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2, result
    assert result.stderr.startswith("proctor: ")
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def test_a_name_that_a_study_has_is_refused_with_two_ways_out(studied: Path) -> None:
    line = first_line(proctor("run", "table.csv", "--target", "y", *TINY, cwd=studied))
    assert "`proctor resume table` goes on with it, --name NAME begins another" in line


def test_a_study_that_is_not_there_is_refused_with_the_nearest(studied: Path) -> None:
    assert "did you mean table?" in first_line(proctor("resume", "tabel", cwd=studied))


def test_a_trial_that_is_not_there_is_refused(studied: Path) -> None:
    assert "has trials 0 to 1: there is no trial 999" in first_line(
        proctor("show", "table", "--trial", "999", cwd=studied)
    )


def test_changed_data_are_refused_with_both_fingerprints(studied: Path) -> None:
    table = studied / "table.csv"
    before = table.read_text()
    table.write_text(before.replace("0.5,0,p", "0.75,0,p"))
    try:
        line = first_line(proctor("resume", "table", cwd=studied))
    finally:
        table.write_text(before)
    assert_matches(
        r"has changed since it began; fingerprint of the .* then [0-9a-f]{12}, now [0-9a-f]{12}", line
    )


def test_more_workers_than_cores_are_warned_of_and_run(tmp_path: Path) -> None:
    too_many = f"{(os.cpu_count() or 1) + 1}"
    run = proctor("run", "iris", *TINY, "--workers", too_many, cwd=tmp_path)

    assert run.returncode == 0, run.stderr
    assert f"warning: {too_many} workers share" in run.stderr


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """Yield a directory in which nobody, not even root, can write."""
    directory = tmp_path / "read-only"
    directory.mkdir()
    if os.geteuid() == 0:
        mount(directory, "ro,size=64k")
        yield directory
        subprocess.run(["umount", f"{directory}"], check=True)
    else:
        directory.chmod(0o555)
        yield directory
        directory.chmod(0o755)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a directory on a disk of a few hundred kilobytes."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root")
    directory = tmp_path / "small"
    directory.mkdir()
    mount(directory, "size=320k")
    yield directory
    subprocess.run(["umount", f"{directory}"], check=True)


def mount(directory: Path, options: str) -> None:
    if sys.platform != "linux":
        pytest.skip("tmpfs is Linux's")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", f"{directory}"]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"this machine mounts no tmpfs: {mounted.stderr.strip()}")


def test_a_read_only_directory_is_refused(read_only: Path) -> None:
    line = first_line(proctor("run", "iris", *TINY, cwd=read_only))
    assert f"{read_only}/proctor.db" in line
    assert not list(read_only.iterdir())


def test_a_disk_that_fills_up_keeps_what_is_done(small_disk: Path) -> None:
    endless = ("run", "iris", "--space", "small", "--trials", "5000", "--workers", "1", "--quiet")
    line = first_line(proctor(*endless, cwd=small_disk))
    assert "disk is full" in line

    roomy = small_disk.parent / "roomy"
    roomy.mkdir()
    for file in small_disk.iterdir():
        shutil.copy(file, roomy)
    shown = subprocess.run(
        [PROCTOR, "show", "iris"], cwd=roomy, env=environment(), capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert "of 5000 trials" in shown.stdout
