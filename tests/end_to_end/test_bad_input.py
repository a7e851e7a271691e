"""Bad input gets one line that says what, where, found and expected; status 2; and nothing is written."""

import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from service.cli import run_command
from tests.end_to_end.commands import database, installed_proctor, proctor, start_proctor, trials_of

TINY = (
    "--space",
    "small",
    "--trials",
    "2",
    "--max-epochs",
    "2",
    "--workers",
    "0",
    "--confirm",
    "0",
    "--quiet",
)
TOO_MANY = (os.cpu_count() or 1) + 1
GOOD_ROWS = "".join(f"{row}.5,{row % 3},{'pq'[row % 2]}\n" for row in range(30))


def contents(directory: Path) -> dict[str, bytes | None]:
    """Return all that is below a directory, and what each file holds.

    SQLite's -shm and -wal are left out: they come and go with whoever reads a database.
    """
    return {
        str(path): path.read_bytes() if path.is_file() else None
        for path in directory.rglob("*")
        if not path.name.endswith(("-shm", "-wal"))
    }


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


HEADER = b"a,b,y\n"
ROWS = GOOD_ROWS.encode()
DATES = b"d,y\n" + b"".join(b"2024-01-%02d,%d\n" % (1 + row % 28, row * row) for row in range(60))


def parquet(rows: str) -> bytes:
    """Return a table as a Parquet file."""
    file = BytesIO()
    pl.read_csv(("a,b,y\n" + rows).encode()).write_parquet(file)
    return file.getvalue()


TABLES = {
    "empty file": (b"", "an empty file"),
    "header only": (HEADER, "rows under the header, got none"),
    "text in a numeric column": (
        HEADER + ROWS + b"x,1,p\n",
        r"line 32, column 'a': the column is numeric: expected a number, got 'x'; ",
    ),
    "dates in two formats": (
        DATES + b"29.01.2024,5\n",
        r"line 62, column 'd': .*got '29.01.2024'; ",
    ),
    "a constant target": (HEADER + b"1,2,p\n3,4,p\n" * 6, "column 'y'"),
    "a class with a single example": (HEADER + ROWS + b"1,1,r\n", "'r'"),
    "a target with a name for each row": (
        HEADER + b"".join(b"%d,1,name %d\n" % (row, row) for row in range(3000)),
        "at most 1000 classes, got 3000 values in 3000 rows",
    ),
    "fewer than ten rows": (HEADER + b"1,2,p\n3,4,q\n5,6,p\n", "10"),
    "no rows with a target": (HEADER + b"1,2,\n3,4,NA\n" * 9, "got 0, and 18 without a target"),
    "nothing to learn from": (
        b"y,n\n" + b"".join(b"%d.5,name %d\n" % (i, i) for i in range(30)),
        "learn from",
    ),
    "two columns of one name": (b"a,a,y\n" + ROWS, "'a'"),
    "a column without a name": (b"a,,y\n" + ROWS, "got none for column 2"),
    "a ragged row": (HEADER + ROWS + b"1,2\n", "line 32: expected 3 cells, as in the header, got 2"),
    "a quote that never ends": (HEADER + ROWS + b'"1,2,p\n', "line 32"),
    "another delimiter": (b"a:b:y\n" + ROWS.replace(b",", b":"), "got one column, 'a:b:y'"),
    "a NUL byte": (HEADER + ROWS + b"1,\x00,p\n", "line 32"),
    "binary garbage": (bytes(range(256)) * 8, ""),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(200), ""),
    "another encoding": (
        HEADER + ROWS + "1,größe,p\n".encode("cp1252"),
        "line 32: .*got other bytes: .*cp1252",
    ),
    "a truncated gzip": (gzip.compress(HEADER + ROWS * 50)[:-30], "gzip"),
    "a truncated Parquet file": (parquet(GOOD_ROWS)[:-40], "Parquet"),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_cannot_be_learned_from_is_refused(refused: Refusal, case: str) -> None:
    content, expected = TABLES[case]
    (refused.directory / "table.csv").write_bytes(content)
    line = refused("run", "table.csv", "--target", "y")

    assert "table.csv" in line
    assert_matches(expected, line)


STUDIES = {
    "a missing target that is not to be": (
        '[data]\ntable = "table.csv"\ntarget = "y"\nmissing_target = "refuse"\n',
        r"table.csv: .*line 2, column 'y': expected a target in every row, got nothing",
    ),
    "a column that is not there": (
        '[data]\ntable = "table.csv"\ntarget = "y"\n[columns]\nz = "id"\n',
        r"columns\.z: no such column",
    ),
    "a kind that is none": (
        '[data]\ntable = "table.csv"\ntarget = "y"\n[columns]\na = "number"\n',
        r"study\.toml:5: columns\.a\.kind: expected one of numeric, categorical",
    ),
    "a group alone": (
        '[data]\ntable = "table.csv"\ntarget = "y"\n[columns]\nc = "group"\n',
        r"table\.csv: .*group",
    ),
    "a class of the test file alone": (
        '[data]\ntable = "table.csv"\ntest_table = "test.csv"\ntarget = "y"\n',
        r"test\.csv: line 2, .* every class in the test set, got none of class 'r'",
    ),
    "a test file of other columns": (
        '[data]\ntable = "table.csv"\ntest_table = "other.csv"\ntarget = "y"\n',
        r"other\.csv: .*missing: 'b', 'c'",
    ),
    "a logarithm of a class": (
        '[data]\ntable = "table.csv"\ntarget = "y"\nlog_target = true\n',
        r"data\.log_target: expected a numeric target, got classes",
    ),
    "a space of a class's logarithms": (
        '[space]\ntarget_scale = "log"\n[data]\ntable = "table.csv"\ntarget = "y"\n',
        r"space\.target_scale: expected a numeric target, got classes",
    ),
    "an encoding that is none": (
        '[data]\ntable = "table.csv"\ntarget = "y"\nencoding = "klingon"\n',
        r"expected an encoding that Python knows, such as cp1252, got 'klingon'",
    ),
    "fractions of the whole": (
        '[data]\ntable = "table.csv"\ntarget = "y"\n[split]\ndev_fraction = 0.5\ntest_fraction = 0.5\n',
        r"study\.toml:6: split\.test_fraction: no examples are left",
    ),
    "more folds than examples of a class": (
        '[data]\ntable = "table.csv"\ntarget = "y"\n[split]\nfolds = 40\n',
        r"table\.csv: .*folds",
    ),
}


@pytest.mark.parametrize("case", STUDIES)
def test_a_study_that_does_not_fit_its_table_is_refused(refused: Refusal, case: str) -> None:
    text, expected = STUDIES[case]
    rows = "".join(f"{row}.5,{row % 3},one,{'pq'[row % 2]}\n" for row in range(30))
    refused.write("table.csv", f"a,b,c,y\n1,2,one,\n{rows}")
    refused.write("test.csv", "a,b,c,y\n" + "1,2,one,r\n" * 3)
    refused.write("other.csv", "a,y\n" + "1,p\n" * 3)
    refused.write("study.toml", text)
    assert_matches(expected, refused("run", "study.toml"))


def test_a_byte_order_mark_and_a_very_long_cell_are_fine(refused: Refusal) -> None:
    table = b"\xef\xbb\xbf" + HEADER + ROWS + b"1,2," + b"p" * 200_000 + b"\n"
    (refused.directory / "table.csv").write_bytes(table)
    line = refused("run", "table.csv", "--target", "y")
    assert "got one of class" in line
    assert len(line) < 400


def assert_matches(pattern: str, line: str) -> None:
    assert re.search(pattern, line), line


def test_a_table_that_is_not_there_is_refused(refused: Refusal) -> None:
    assert "nothing.csv', and no built-in table" in refused("run", "nothing.csv", "--target", "y")
    assert "did you mean digits?" in refused("run", "digit")


def test_a_template_for_a_table_that_is_not_there_is_refused(refused: Refusal) -> None:
    assert "nothing.csv', and no built-in table" in refused("init", "nothing.csv")
    assert "did you mean digits?" in refused("init", "digit", "--output", "other.toml")


@pytest.mark.parametrize("flag", ["--metric", "--watch"])
def test_a_metric_that_does_not_suit_is_refused(refused: Refusal, flag: str) -> None:
    key = flag.removeprefix("--")
    of_classes = "expected one of error, log_loss, balanced_error, macro_f1, roc_auc, calibration_error"
    assert f"{key}: in classification {of_classes}, got rmse" in refused("run", "iris", flag, "rmse")
    assert f"{flag}: expected one of error, log_loss" in refused("run", "iris", flag, "accuracy")
    refused.write("study.toml", f'{key} = "mae"\n[data]\ntable = "t.csv"\ntask = "classification"\n')
    assert f"study.toml:1: {key}: in classification {of_classes}" in refused("run", "study.toml")


def test_a_directory_is_no_table(refused: Refusal) -> None:
    (refused.directory / "tables").mkdir()
    assert "got a directory" in refused("run", "./tables", "--target", "y")


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
    ("--trials", "0"): "--trials: expected a whole number of at least 1, got 0",
    ("--workers", "-1"): "--workers: expected a whole number of at least 0, got -1",
    ("--space", "smal"): "did you mean small?",
    ("--sampler", "tpee"): "--sampler: ",
    ("--trails", "3"): "No such option '--trails'",
    ("--seed", "one"): "'one' is not a valid integer",
    ("--storage", "nonsense"): "--storage: expected a database URL",
    ("--storage", "postgresql+psycopg://u:s3cret@h:port/x"): "--storage: expected a database URL",
    ("--storage", "sqlite:///nowhere/proctor.db"): "there is no directory",
    ("--name", "a/b"): "--name: ",
    ("--address", "ray://user:s3cret@h:1"): "--address: expected HOST:PORT of a running Ray cluster, or auto",
    ("--storage", "postgresql+psycopg://u:a@s3cret@h/x"): "--storage: expected one @, before the host",
    (
        "--workers",
        "0",
        "--address",
        "h:1",
    ): "--workers: 0 trains in this process, without Ray: expected no address of a cluster, got h:1",
}


@pytest.mark.parametrize("flags", FLAGS)
def test_a_flag_that_is_wrong_is_named(refused: Refusal, flags: tuple[str, ...]) -> None:
    line = refused("run", "digits", *flags)
    assert FLAGS[flags] in line
    assert "s3cret" not in line


@pytest.mark.parametrize(
    "words", ["run URL", "show URL", "list URL", "predict URL new.csv", "unseal --url=URL"]
)
def test_an_url_that_is_given_for_something_else_keeps_its_secrets(refused: Refusal, words: str) -> None:
    url = "postgresql+psycopg://someone:s3cret@host/x?token=s3cret"
    line = refused(*(word.replace("URL", url) for word in words.split()))
    assert "s3cret" not in line


def test_an_unknown_command_is_refused(refused: Refusal) -> None:
    assert "No such command 'rum'" in refused("rum", "digits")


def test_a_database_that_cannot_be_reached_is_named_without_its_password(refused: Refusal) -> None:
    line = refused("run", "digits", "--storage", "postgresql+psycopg://someone:s3cret@127.0.0.1:1/studies")
    assert "someone:***@127.0.0.1:1/studies" in line
    assert "s3cret" not in line


def test_a_password_among_an_urls_options_is_not_shown(refused: Refusal) -> None:
    line = refused("run", "digits", "--storage", "postgresql+psycopg://someone@127.0.0.1:1/x?password=s3cret")
    assert "someone@127.0.0.1:1/x" in line
    assert "s3cret" not in line


@pytest.mark.parametrize("command", ["resume", "unseal", "show"])
def test_a_database_that_is_not_there_is_not_made(refused: Refusal, command: str) -> None:
    assert "proctor.db does not exist" in refused(command, "digits")


def test_a_ray_address_where_nothing_listens_is_refused(refused: Refusal) -> None:
    line = refused("run", "iris", "--address", "127.0.0.1:9")
    assert "--address: no Ray cluster answers at 127.0.0.1:9: " in line


def test_a_study_file_is_not_written_over(refused: Refusal) -> None:
    refused.write("study.toml", "# mine\n")
    assert "study.toml exists" in refused("init", "digits")


@pytest.fixture(scope="module")
def crowded_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run a study of a CSV file on more workers than there are cores; return its directory and its end."""
    directory = tmp_path_factory.mktemp("studied")
    (directory / "table.csv").write_text("a,b,y\n" + GOOD_ROWS * 3)
    workers = ("--workers", f"{TOO_MANY}")
    return directory, proctor("run", "table.csv", "--target", "y", *TINY, *workers, cwd=directory)


@pytest.fixture
def studied(crowded_run: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    """Return a directory with a table, and a database with the study of it."""
    return crowded_run[0]


def test_more_workers_than_cores_are_warned_of_and_run(
    crowded_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, run = crowded_run
    assert run.returncode == 0, run.stderr
    assert f"warning: {TOO_MANY} workers share {TOO_MANY - 1} cores" in run.stderr


def refused_command(
    *arguments: str,
    cwd: Path,
    command: Callable[..., subprocess.CompletedProcess[str]] = proctor,
) -> str:
    """Run the command in a process of its own, where it is to refuse, and return its line."""
    before = contents(cwd)
    result = command(*arguments, cwd=cwd)
    assert result.returncode == 2, result
    assert result.stdout == ""
    assert result.stderr.startswith("proctor: ")
    assert result.stderr.count("\n") == 1, result.stderr
    assert contents(cwd) == before
    return result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "table.csv", "--target", "y"), "table.csv: line 32, column 'a'"),
        (("run", "study.toml"), "study.toml:2: invalid TOML"),
        (("run", "digits", "--trials", "0"), "--trials: expected a whole number"),
        (("runn", "digits"), "No such command 'runn'"),
        (("unseal",), "Missing argument 'STUDY'"),
    ],
)
def test_the_installed_command_refuses_likewise(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    (tmp_path / "table.csv").write_text(f"a,b,y\n{GOOD_ROWS}x,1,p\n")
    (tmp_path / "study.toml").write_text("seed = 1\ntrials =\n")

    assert expected in refused_command(*arguments, cwd=tmp_path, command=installed_proctor)


def test_a_ray_address_that_does_not_answer_is_refused_soon(tmp_path: Path) -> None:
    """Something listens there that is no Ray. Ray reads its settings once a process: this takes a new one."""
    with socket.create_server(("0.0.0.0", 0)) as silent:  # noqa: S104 (Ray asks at the machine's own address)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        running = start_proctor("run", "iris", "--address", address, cwd=tmp_path)
        silent.settimeout(60)
        asked, _ = silent.accept()
        began = time.monotonic()
        out, err = running.communicate(timeout=60)
        took_seconds = time.monotonic() - began
        asked.close()

    assert (running.returncode, out) == (2, "")
    assert err.startswith(f"proctor: --address: no Ray cluster answers at {address}: ")
    assert err.count("\n") == 1, err
    assert took_seconds < 15
    assert not list(tmp_path.iterdir())


def test_a_name_that_a_study_has_is_refused_with_two_ways_out(studied: Path) -> None:
    line = refused_command("run", "table.csv", "--target", "y", *TINY, cwd=studied)
    assert "`proctor resume table` continues it, --name NAME starts another" in line


def test_a_study_that_is_not_there_is_refused_with_the_nearest(studied: Path) -> None:
    assert "did you mean table?" in refused_command("resume", "tabel", cwd=studied)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("unseal", "tabel"), "did you mean table?"),
        (("show", "tabel"), "did you mean table?"),
        (("show", "table", "--trial", "999"), "has trials 0 to 1: there is no trial 999"),
    ],
)
def test_what_a_database_does_not_have_is_refused(
    studied: Path, refused: Refusal, arguments: tuple[str, ...], expected: str
) -> None:
    assert expected in refused(*arguments, "--storage", database(studied))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("unseal", "table", "--look-again", " "), "--look-again: expected a reason in words, got none"),
        (("run", "iris", "--look-again", ""), "--look-again: expected a reason in words, got none"),
        (("run", "iris", "--look-again", "why", "--keep-sealed"), "--keep-sealed does not: expected one"),
        (("run", "iris", "--look-again", "why", "--no-test"), "no_test does not: expected one"),
    ],
)
def test_a_look_without_a_reason_or_a_test_set_is_refused(
    studied: Path, refused: Refusal, arguments: tuple[str, ...], expected: str
) -> None:
    assert expected in refused(*arguments, "--storage", database(studied))


def test_changed_data_are_refused_with_both_fingerprints(studied: Path) -> None:
    table = studied / "table.csv"
    before = table.read_text()
    table.write_text(before.replace("0.5,0,p", "0.75,0,p"))
    try:
        line = refused_command("resume", "table", cwd=studied)
    finally:
        table.write_text(before)
    assert_matches(
        r"has changed since it began; fingerprint of the .* then [0-9a-f]{12}, now [0-9a-f]{12}", line
    )


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
    mount(directory, "size=400k")
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
    line = refused_command("run", "iris", *TINY, cwd=read_only)
    assert f"proctor.db: the directory {read_only} cannot be written" in line


def test_a_full_disk_is_refused(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(300 * 2**10))
    line = refused_command("run", "iris", *TINY, cwd=small_disk)
    assert "proctor.db: a new database takes 384 KiB, and the disk has only 100 KiB left" in line


def test_a_disk_that_fills_up_with_predictions_keeps_no_half_file(small_disk: Path) -> None:
    home = small_disk.parent
    assert proctor("run", "iris", *TINY, cwd=home).returncode == 0
    assert proctor("export", "iris", "-o", "model", cwd=home).returncode == 0
    header = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n"
    (home / "new.csv").write_text(header + "5.1,3.5,1.4,0.2\n" * 100_000)
    (small_disk / "out.csv").write_text("older predictions")
    filled = proctor("predict", "model", "new.csv", "-o", "small/out.csv", cwd=home)
    assert (filled.returncode, filled.stdout, filled.stderr.count("\n")) == (1, "", 1), filled
    assert "small/out.csv: predictions cannot be written: No space left on device" in filled.stderr
    assert [(path.name, path.read_text()) for path in small_disk.iterdir()] == [
        ("out.csv", "older predictions")
    ]


def test_a_disk_that_fills_up_keeps_what_is_done(small_disk: Path) -> None:
    endless = ("run", "iris", *TINY, "--trials", "5000", "--concurrency", "4", "--storage-patience", "1")
    filled = proctor(*endless, cwd=small_disk)
    assert filled.returncode == 2, filled
    *waits, gave_up = filled.stderr.splitlines()
    assert waits
    assert all(line.startswith("proctor: warning: storage ") for line in waits)
    assert gave_up.startswith("proctor: storage ")
    assert "disk is full" in gave_up

    roomy = small_disk.parent / "roomy"
    roomy.mkdir()
    for file in small_disk.iterdir():
        shutil.copy(file, roomy)
    shown = proctor("show", "iris", cwd=roomy)
    assert shown.returncode == 0, shown.stderr
    assert "of 5000 trials" in shown.stdout
    assert any(trial["state"].is_finished() for trial in trials_of(roomy, "iris"))
