"""A row in, a row out, whatever the columns' order; a row that cannot be read leaves no file."""

import csv
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from service.errors import BadInputError, ProctorError
from service.tables import new_examples
from service.tables.files.raw_table import RawTable
from service.tables.new_examples import NewExamples, open_examples
from service.winner.models.model import Model
from service.winner.models.prediction_file import note_on_unread_columns, write_predictions
from tests.service.winner.models.exported_winner import ExportedWinner, csv_text


def written(model: Model, text: str, directory: Path, *, probabilities: bool = False) -> list[list[str]]:
    """Predict a CSV file of this text, and return the rows of the output."""
    (directory / "new.csv").write_text(text, encoding="utf-8")
    new = open_examples(directory / "new.csv", model.description.columns)
    n = write_predictions(model, new, directory / "out.csv", probabilities=probabilities).n_examples
    rows = list(csv.reader((directory / "out.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == n + 1
    return rows


def text_of(winner: ExportedWinner, rows: Sequence[int]) -> str:
    return csv_text(winner.model.description.feature_names, winner.dev[list(rows)])


def test_numbers_are_read_back_to_the_last_bit(winners: dict[str, ExportedWinner], tmp_path: Path) -> None:
    winner = winners["diabetes"]
    header, *rows = written(winner.model, text_of(winner, range(len(winner.dev))), tmp_path)
    assert header == ["progression"]
    np.testing.assert_array_equal([float(number) for (number,) in rows], winner.measured)


@pytest.mark.parametrize("table", ["iris", "breast_cancer"])
def test_classes_come_by_name_with_their_probabilities(
    table: str, winners: dict[str, ExportedWinner], tmp_path: Path
) -> None:
    winner = winners[table]
    names, target = winner.model.description.class_names, winner.model.description.target
    text = text_of(winner, range(len(winner.dev)))
    header, *rows = written(winner.model, text, tmp_path, probabilities=True)
    assert header == [target, *(f"{target}={name}" for name in names)]
    probabilities = np.array([row[1:] for row in rows], dtype=np.float32)
    np.testing.assert_array_equal(probabilities, winner.measured)
    assert [row[0] for row in rows] == [names[index] for index in winner.measured.argmax(axis=1)]
    assert written(winner.model, text, tmp_path) == [[row[0]] for row in [header, *rows]]


@given(data=st.data())
def test_any_rows_in_any_order_come_out_in_that_order(
    data: st.DataObject, iris: ExportedWinner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    picked = data.draw(st.lists(st.integers(0, len(iris.dev) - 1), max_size=200))
    columns = data.draw(st.permutations(range(5)))
    directory = tmp_path_factory.getbasetemp()
    names = [*iris.model.description.feature_names, "species"]
    X = np.column_stack([iris.dev, np.zeros(len(iris.dev))])[picked][:, columns]
    _, *rows = written(
        iris.model, csv_text([names[column] for column in columns], X), directory, probabilities=True
    )
    probabilities = np.array([row[1:] for row in rows], dtype=np.float32).reshape(-1, 3)
    np.testing.assert_array_equal(probabilities, iris.measured[picked])


@pytest.mark.parametrize("n_rows", [32_767, 32_768, 32_769])
def test_blocks_leave_no_seam(n_rows: int, iris: ExportedWinner, tmp_path: Path) -> None:
    n_dev = len(iris.dev)
    picked = [row % n_dev for row in range(n_rows)]
    _, *rows = written(iris.model, text_of(iris, picked), tmp_path)
    names = np.array(iris.model.description.class_names)[iris.measured.argmax(axis=1)]
    assert [name for (name,) in rows] == names[picked].tolist()


def test_blas_has_one_thread_whatever_pieces_are_predicted_at_once(
    iris: ExportedWinner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: set[int] = set()

    def counted_pieces(new: NewExamples) -> Iterator[RawTable]:
        for piece in pieces(new):
            limits.update(it["num_threads"] for it in threadpool_info() if it["user_api"] == "blas")
            yield piece

    pieces = NewExamples.pieces
    monkeypatch.setattr(NewExamples, "pieces", counted_pieces)
    monkeypatch.setattr(new_examples, "ROWS_AT_ONCE", 10)
    written(iris.model, text_of(iris, [0] * 200), tmp_path)
    assert limits == {1}


def test_a_header_alone_gives_a_header_alone(iris: ExportedWinner, tmp_path: Path) -> None:
    assert written(iris.model, text_of(iris, []), tmp_path) == [["species"]]


def test_names_with_commas_quotes_and_letters_of_any_kind_stay_one_cell(
    iris: ExportedWinner, tmp_path: Path
) -> None:
    names = ("a,b", 'so-called "b"', "größer\n≥ 3")
    description = iris.model.description.model_copy(update={"class_names": names, "target": "what, now"})
    odd = replace(iris.model, description=description)
    (tmp_path / "new.csv").write_text(text_of(iris, range(len(iris.dev))))
    new = open_examples(tmp_path / "new.csv", description.columns)
    write_predictions(odd, new, tmp_path / "out.csv", probabilities=False)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["what, now"]
    assert [name for (name,) in rows] == [names[index] for index in iris.measured.argmax(axis=1)]


def test_missing_and_infinite_cells_are_predicted(iris: ExportedWinner, tmp_path: Path) -> None:
    text = text_of(iris, [0]) + "NA,,inf,1e999\n"
    _, *rows = written(iris.model, text, tmp_path, probabilities=True)
    assert np.isfinite(np.array([row[1:] for row in rows], dtype=np.float64)).all()


def test_a_cell_of_another_kind_is_refused_with_its_place_and_leaves_no_file(
    iris: ExportedWinner, tmp_path: Path
) -> None:
    first_block = text_of(iris, [0] * new_examples.ROWS_AT_ONCE)
    (tmp_path / "new.csv").write_text(f"{first_block}1,2,red,4\n")
    (tmp_path / "out.csv").write_text("older predictions")
    new = open_examples(tmp_path / "new.csv", iris.model.description.columns)
    with pytest.raises(
        BadInputError,
        match=r"new\.csv: line 32770, column 'petal length \(cm\)': the column is numeric: .* got 'red'; ",
    ):
        write_predictions(iris.model, new, tmp_path / "out.csv", probabilities=False)
    assert (tmp_path / "out.csv").read_text() == "older predictions"
    assert {path.name for path in tmp_path.iterdir()} == {"new.csv", "out.csv"}


def test_a_place_that_is_no_file_is_refused(iris: ExportedWinner, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(text_of(iris, [0]))
    (tmp_path / "link.csv").symlink_to("new.csv")
    for place, match in {
        tmp_path: "-o: expected a file for the predictions, got a directory",
        Path("/dev/null"): "got a device or pipe .*`-o -` is standard output",
        tmp_path / "nowhere" / "out.csv": "-o: there is no directory .*nowhere",
        tmp_path / "link.csv": "expected another file than the one to predict",
    }.items():
        new = open_examples(tmp_path / "new.csv", iris.model.description.columns)
        with pytest.raises(BadInputError, match=match):
            write_predictions(iris.model, new, place, probabilities=False)
    assert (tmp_path / "new.csv").read_text() == text_of(iris, [0])


def test_what_cannot_be_written_is_told_in_a_line(iris: ExportedWinner, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(text_of(iris, [0]))
    new = open_examples(tmp_path / "new.csv", iris.model.description.columns)
    with pytest.raises(ProctorError, match=r"/proc/out\.csv: predictions cannot be written: .*"):
        write_predictions(iris.model, new, Path("/proc/out.csv"), probabilities=False)


def test_memory_does_not_grow_with_the_file(
    iris: ExportedWinner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.tables.files.csv_blocks.BYTES_AT_ONCE", 2**16)
    peaks = []
    for n_blocks in (2, 12):
        (tmp_path / "new.csv").write_text(text_of(iris, [0] * new_examples.ROWS_AT_ONCE * n_blocks))
        new = open_examples(tmp_path / "new.csv", iris.model.description.columns)
        tracemalloc.start()
        write_predictions(iris.model, new, tmp_path / "out.csv", probabilities=True)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]  # six times as many rows


def test_a_number_has_no_probability(winners: dict[str, ExportedWinner], tmp_path: Path) -> None:
    winner = winners["diabetes"]
    with pytest.raises(
        BadInputError, match=r"--proba: expected a classification, got the numeric target 'progression'"
    ):
        written(winner.model, text_of(winner, [0]), tmp_path, probabilities=True)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("extra", "note"),
    [
        ((), ""),
        (("species",), r"new.csv: columns that the model does not read: the target 'species'"),
        (
            ("id", "species", "b"),
            r"new.csv: columns that the model does not read: the target 'species', 'id', 'b'",
        ),
    ],
)
def test_columns_that_are_not_read_are_named(
    extra: tuple[str, ...], note: str, iris: ExportedWinner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("new.csv").write_text(",".join([*iris.model.description.feature_names, *extra]) + "\n")
    new = open_examples(Path("new.csv"), iris.model.description.columns)
    assert note_on_unread_columns(iris.model, new) == note
