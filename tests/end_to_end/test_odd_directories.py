"""Directories, files and databases of odd names: used as they are, and printed commands can be pasted."""

import re
import shlex
import subprocess
from pathlib import Path

import optuna
import pytest
import sqlalchemy

from service.study.storage.database_url import file_url
from tests.end_to_end.commands import PROCTOR, environment, proctor

TINY = ("--trials", "2", "--max-epochs", "2", "--confirm", "0", "--no-baselines", "--workers", "0")


def pasted(command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Paste a command that Proctor printed into a shell."""
    env = environment(PATH=f"{PROCTOR.parent}:/usr/bin:/bin", **variables)
    shell = ["sh", "-c", command]
    return subprocess.run(shell, cwd=cwd, env=env, capture_output=True, text=True, timeout=180, check=False)


@pytest.mark.parametrize("name", ["100%20?x#y&z", "feature%2Fx", 'it\'s a "größe" {0}'])
def test_a_study_is_kept_in_the_directory_it_is_run_in(tmp_path: Path, name: str) -> None:
    directory = tmp_path / name
    directory.mkdir()
    run = proctor("run", "iris", *TINY, "--keep-sealed", "--verbose", cwd=directory)

    assert run.returncode == 0, run.stderr
    assert {path.name for path in tmp_path.iterdir()} == {name}
    assert {path.name for path in directory.iterdir()} == {"proctor.db", "iris-report.html"}
    (url,) = re.findall(r"^storage (.*)$", run.stdout, re.MULTILINE)
    assert url == file_url(directory / "proctor.db")
    assert optuna.get_all_study_names(url) == ["iris"]
    for command in ("list", "show iris", "resume iris --workers 0", "report iris", "best iris"):
        done = proctor(*command.split(), cwd=directory)
        assert done.returncode == 0, done.stderr
    elsewhere = proctor("list", "--storage", url, cwd=tmp_path)
    assert "iris" in elsewhere.stdout
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_what_is_printed_pastes_from_anywhere(tmp_path: Path) -> None:
    """Tables, studies, models and databases of odd names, each command taken from what the last one said."""
    odd = "-a b&c'd %2F$x"
    table = tmp_path / f"{odd}.csv"
    rows = "".join(f"{a},{a % 7},{'pq'[a % 3 == 0]}\n" for a in range(80))
    table.write_text(f"a,b,-y\n{rows}")
    url = file_url(tmp_path / f"{odd}.db")
    run = proctor(
        *("run", f"./{odd}.csv", "--target", "-y", *TINY, "--keep-sealed", "--storage", url), cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr

    (again,) = re.findall(r"(proctor run .*--concurrency \d+)", run.stdout)
    assert shlex.split(again)[:3] == ["proctor", "run", f"./{odd}.csv"]
    repeated = pasted(f"{again} --workers 0 --quiet", tmp_path)
    assert repeated.returncode == 0, repeated.stderr
    (unseal,) = re.findall(r"once the search is done: (proctor unseal .*)", run.stdout)
    opened = pasted(unseal, tmp_path)
    assert opened.returncode == 0, opened.stderr

    taken = pasted(f"{again} --storage {shlex.quote(url)}", tmp_path)
    resume = taken.stderr.split("`")[1]
    assert pasted(f"{resume} --workers 0", tmp_path).returncode == 0

    name = shlex.split(resume)[2]
    exported = proctor("export", name, "-o", f"{odd}.model", "--storage", url, cwd=tmp_path)
    assert exported.returncode == 0, exported.stderr
    (predict,) = re.findall(r"predict with: (.*)", exported.stdout)
    (tmp_path / "new.csv").write_text("a,b\n1,1\n")
    predicted = pasted(predict, tmp_path)
    assert predicted.returncode == 0, predicted.stderr

    written = proctor("init", str(table), "--target", "-y", "-o", f"{odd}.toml", cwd=tmp_path)
    (begin,) = re.findall(r"then: (.*)", written.stdout)
    assert shlex.split(begin) == ["proctor", "run", f"./{odd}.toml"]
    listed = proctor("show", "nobody", "--storage", url, cwd=tmp_path)
    assert name in pasted(listed.stderr.split("`")[1], tmp_path).stdout


def all_rows(url: str) -> str:
    """Return all that a database holds."""
    engine = sqlalchemy.create_engine(url)
    tables = sqlalchemy.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = [row for table in tables.sorted_tables for row in connection.execute(table.select())]
    engine.dispose()
    return str(rows)


def test_a_password_is_neither_printed_nor_kept(tmp_path: Path, postgresql_url: str) -> None:
    server, host = postgresql_url.split("@")
    url = f"{server}:s3c%20r3t%25@{host}?sslpassword=s3c%20r3t%25&sslmode=disable"
    table = tmp_path / "table.csv"
    table.write_text("a,b,y\n" + "".join(f"{a},{a % 7},{'pq'[a % 3 == 0]}\n" for a in range(80)))
    run = proctor("run", "table.csv", "--target", "y", *TINY, "--keep-sealed", "--storage", url, cwd=tmp_path)
    assert run.returncode == 0, run.stderr

    commands = ("show table --json", "list", "report table -o r.md", "advise table --write next.toml")
    more = [proctor(*command.split(), "--storage", url, cwd=tmp_path) for command in commands]
    said = "".join(done.stdout + done.stderr for done in (run, *more))
    files = "".join(path.read_text() for path in tmp_path.iterdir())
    assert "postgres:***@" in said
    for part in ("s3c", "r3t", "%25"):
        assert part not in said + files + all_rows(url), part

    (unseal,) = re.findall(r"once the search is done: (proctor unseal .*)", run.stdout)
    without = pasted(unseal, tmp_path)
    assert without.returncode != 0
    assert "PROCTOR_STORAGE: set it to the URL with its password" in without.stderr
    opened = pasted(unseal, tmp_path, PROCTOR_STORAGE=url)
    assert opened.returncode == 0, opened.stderr
    known = proctor("show", "table", cwd=tmp_path, PROCTOR_STORAGE=url)
    assert known.returncode == 0, known.stderr
    assert "--storage" not in known.stdout
