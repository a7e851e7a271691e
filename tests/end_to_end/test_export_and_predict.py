"""A winner is taken from its study, and predicts files of new examples, through the command."""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import accuracy_score
from sqlalchemy import text

from service.cli import run_command
from service.data.preparation.prepared_data import prepare_data
from service.python.winner_estimator import load_winner
from service.study.storage.stored_study import load_study
from service.study.storage.study_store import StudyStore
from service.tables.table import load_table
from tests.end_to_end.commands import PROCTOR, database, environment, proctor
from tests.service.iris_study import new_store, search_iris


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a database of one study, still sealed, and its winner in `model`."""
    directory = tmp_path_factory.mktemp("exported")
    search_iris(new_store(directory), trials=3).store.close()
    export = proctor("export", "iris", "-o", "model/", cwd=directory)
    assert (export.returncode, export.stderr) == (0, "")
    assert "proctor predict model new.csv -o predictions.csv" in export.stdout
    return directory


@pytest.fixture
def place(exported: Path, tmp_path: Path) -> Path:
    """Return a copy of it, and the whole table as `new.csv`: its columns turned round, more of them."""
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    table = load_table("iris")
    columns = [table.frame["species"], *(table.frame[name] for name in reversed(table.feature_names))]
    ids = pl.Series("id", np.arange(150))
    pl.DataFrame([*columns, ids]).write_csv(tmp_path / "new.csv")
    return tmp_path


@pytest.fixture
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(place)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    return place


def times(directory: Path) -> dict[str, int]:
    """Return what is in a directory, and when it was changed; SQLite's -shm and -wal come and go."""
    return {
        path.name: path.stat().st_mtime_ns
        for path in directory.iterdir()
        if not path.name.endswith(("-shm", "-wal"))
    }


def refusal(place: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that is to be refused, and return its line."""
    before = times(place)
    status = run_command(list(arguments))
    said = capsys.readouterr()
    assert (status, said.out, said.err.count("\n")) == (2, "", 1), said
    assert times(place) == before
    return said.err


def test_an_export_leaves_study_and_seal_as_they_were(place: Path) -> None:
    store = StudyStore(database(place), create=False)
    assert not store.ledger().looks(store.identity("iris"))
    assert load_study(store, "iris").winner is None
    store.close()
    assert sorted(path.name for path in (place / "model").iterdir()) == ["arrays.npz", "model.json"]


def test_what_is_predicted_is_what_the_report_says_of_the_dev_set(place: Path) -> None:
    run = proctor("predict", "model", "new.csv", "-o", "out.csv", "--proba", cwd=place)

    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr == (
        "proctor: new.csv: columns that the model does not read: the target 'species', 'id'\n"
    )
    header, *rows = csv.reader((place / "out.csv").read_text().splitlines())
    assert header == ["species", "species=setosa", "species=versicolor", "species=virginica"]
    table, winner = load_table("iris"), load_winner(place / "model")
    assert [row[0] for row in rows] == winner.predict(table.frame).tolist()

    unsealed = json.loads(proctor("unseal", "iris", "--json", cwd=place).stdout)
    description = json.loads((place / "model" / "model.json").read_text())
    assert description["dev_figures"] == unsealed["winner"]["figures"]["dev"]
    assert description["trial"] == unsealed["winner"]["trial"]
    assert str(unsealed["test"]["models"]["winner"]["log_loss"]) not in json.dumps(description)
    truth = np.array(winner.classes_)[table.y]
    assert accuracy_score(truth, [row[0] for row in rows]) > 0.5


def test_a_studys_winner_predicts_without_an_export_to_the_same_bits(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for source, output in (("model", "exported.csv"), ("iris", "at-once.csv")):
        assert run_command(["predict", source, "new.csv", "-o", output, "--proba"]) == 0
    capsys.readouterr()
    assert (here / "at-once.csv").read_text() == (here / "exported.csv").read_text()


def test_a_winner_that_is_an_average_is_measured_opened_and_exported_as_that(tmp_path: Path) -> None:
    study = ("run", "iris", "--space", "small", "--trials", "4", "--max-epochs", "20", "--confirm", "2")
    run = proctor(*study, "--seed", "2", "--ensemble", "--workers", "0", "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    n_models = report["winner"]["n_models"]
    assert report["test"]["n_models"] == n_models == len(report["winner"]["ensemble"]["members"]) > 1
    assert proctor("export", "iris", "-o", "model", cwd=tmp_path).returncode == 0

    average = report["winner"]["figures"]["dev"]
    description = json.loads((tmp_path / "model" / "model.json").read_text())
    assert description["dev_figures"] == average
    assert len(description["members"]) == n_models
    store = StudyStore(database(tmp_path), create=False)
    split = prepare_data(load_study(store, "iris").config).split
    store.close()
    dev, table = split.known.rows[split.folds[0].dev], load_table("iris")
    probabilities = load_winner(tmp_path / "model").predict_proba(table.frame[dev])
    of_truth = probabilities[np.arange(len(dev)), table.y[dev]].astype(np.float64)
    assert -np.log(of_truth).mean() == pytest.approx(average["log_loss"])


@pytest.mark.parametrize("output", [(), ("-o", "-")])
def test_predictions_go_to_standard_output_unless_there_is_a_file(
    here: Path, capsys: pytest.CaptureFixture[str], output: tuple[str, ...]
) -> None:
    assert run_command(["predict", "model", "new.csv", "-o", "out.csv"]) == 0
    to_file = capsys.readouterr()
    assert run_command(["predict", "model", "new.csv", *output]) == 0
    assert capsys.readouterr() == ((here / "out.csv").read_text(), to_file.err)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_pipe_through_standard_input_and_output_is_the_file(here: Path, kind: str) -> None:
    flags = ("--keep", "id", "--proba")
    if kind == "parquet":
        pl.read_csv(here / "new.csv").write_parquet(here / "new.parquet")
    of_file = proctor("predict", "model", f"new.{kind}", *flags, cwd=here)
    with (here / f"new.{kind}").open("rb") as file:
        piped = subprocess.run(
            [PROCTOR, "predict", "model", "-", *flags],
            stdin=file,
            cwd=here,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert (piped.returncode, piped.stdout) == (0, of_file.stdout)
    assert piped.stdout.startswith("id,species,species=setosa,")
    assert piped.stderr == of_file.stderr.replace(f"new.{kind}: ", "standard input: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "standard input: expected a header, got an empty file"),
        ("a,b\n1,2\n", "proctor: standard input: "),
        ("{header}1,wide,3,4\n", "standard input: line 2, column 'sepal width (cm)': "),
    ],
)
def test_what_standard_input_has_wrong_is_told_with_its_line(here: Path, text: str, expected: str) -> None:
    refused = subprocess.run(
        [PROCTOR, "predict", "model", "-"],
        input=text.format(header=HEADER),
        cwd=here,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert expected in refused.stderr


def test_a_study_that_was_opened_and_one_exported_again_give_the_same_bytes(place: Path) -> None:
    assert proctor("unseal", "iris", cwd=place).returncode == 0
    again = proctor("export", "iris", "--output", "again", cwd=place)
    forced = proctor("export", "iris", "--output", "again", "--force", cwd=place)
    assert (again.returncode, forced.returncode) == (0, 0), again.stderr + forced.stderr
    for name in ("arrays.npz", "model.json"):
        assert (place / "again" / name).read_bytes() == (place / "model" / name).read_bytes()


def change(directory: Path, statement: str) -> None:
    """Change the database of the studies."""
    store = StudyStore(database(directory), create=False)
    with store.engine.begin() as connection:
        connection.execute(text(statement))
    store.close()


def test_a_winner_that_came_out_otherwise_is_told(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(here, "UPDATE trial_intermediate_values SET intermediate_value = 0.9 WHERE step = 1")
    assert run_command(["export", "iris", "-o", "other"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("proctor: retraining the winner gave other figures than it won with")
    assert not json.loads((here / "other" / "model.json").read_text())["is_reproduced"]


def test_a_study_that_has_not_ended_has_no_winner_to_take(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(here, "UPDATE trials SET state = 'RUNNING' WHERE number = 2")
    assert refusal(here, capsys, "export", "iris", "-o", "other") == (
        "proctor: study 'iris' has confirmations left: a model is the winner of all trials;"
        " `proctor resume iris` continues it\n"
    )


HEADER = "sepal length (cm),sepal width (cm),petal length (cm),petal width (cm)\n"
ROW = "1,2,3,4\n"
FILES = {
    "an empty file": ("", "bad.csv: expected a header, got an empty file"),
    "missing columns": (
        "sepal length (cm),sepal width (cm),petal length (cm)\n",
        "1 of 4 columns are missing: 'petal width (cm)'; --missing-columns allow predicts without them",
    ),
    "text": (
        f"{HEADER}{ROW}1,wide,3,4\n",
        "column 'sepal width (cm)': the column is numeric: expected a number, got 'wide'; correct the cell",
    ),
    "a ragged row": (f"{HEADER}1,2,3,4,5\n", "bad.csv: line 2: expected 4 cells, as in the header, got 5\n"),
}
COMMANDS = {
    "neither model nor study": (
        ("predict", "rose", "new.csv"),
        "no model or study 'rose'; `proctor list` shows the studies, and `proctor export STUDY -o DIRECTORY`",
    ),
    "a study with a slip": (("predict", "irsi", "new.csv"), "no model or study 'irsi'; did you mean iris?"),
    "a model with a slip": (("predict", "modle", "new.csv"), "'modle'; did you mean model?"),
    "a directory that is there": (("export", "iris", "-o", "model"), "model exists: name another directory"),
    "no such study": (("export", "rose", "-o", "other"), "'rose'"),
    "no place for a model": (("export", "iris"), "Missing option '--output' / '-o'"),
    "no such file": (
        ("predict", "model", "newer.csv"),
        "newer.csv: the file cannot be read: No such file",
    ),
    "the file itself": (
        ("predict", "model", "new.csv", "-o", "new.csv"),
        "expected another file than the one to predict",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_predicted_is_refused_in_one_line_and_leaves_no_other(
    here: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    text, expected = FILES[case]
    (here / "bad.csv").write_text(text)
    assert expected in refusal(here, capsys, "predict", "model", "bad.csv", "-o", "out.csv")


@pytest.mark.parametrize("case", COMMANDS)
def test_a_command_that_makes_no_sense_is_refused_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    arguments, expected = COMMANDS[case]
    assert expected in refusal(here, capsys, *arguments)


def test_a_header_alone_gives_a_header_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "header.csv").write_text(HEADER)
    assert run_command(["predict", "model", "header.csv"]) == 0
    assert capsys.readouterr() == ("species\n", "")
