"""Columns of the file's own beside the predictions, as they stand there; and files that lack a column."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from service.errors import BadInputError
from service.tables.new_examples import ROWS_AT_ONCE, open_examples
from service.winner.models.model import Model
from service.winner.models.prediction_file import notes_on, write_predictions
from tests.service.winner.models.exported_winner import ExportedWinner, csv_text


def predicted(
    model: Model, path: Path, *, keep: tuple[str, ...] = (), allow_missing: bool = False
) -> tuple[list[list[str]], list[str]]:
    """Predict a file, and return the output's rows and what was noted."""
    output = path.with_name("out.csv")
    new = open_examples(path, model.description.columns, keep=keep, allow_missing=allow_missing)
    found = write_predictions(model, new, output, probabilities=False)
    rows = list(csv.reader(output.read_text(encoding="utf-8").splitlines()))
    return rows, notes_on(model, found, new)


def test_what_is_kept_stands_before_its_own_rows_prediction_to_the_letter(
    iris: ExportedWinner, tmp_path: Path
) -> None:
    n = ROWS_AT_ONCE + 3  # in more than one piece
    picked = [row % len(iris.dev) for row in range(n)]
    header, *cells = csv_text(iris.model.description.feature_names, iris.dev[picked]).splitlines()
    ids = [f"{row:06d}" for row in range(n)]
    ids[:3] = ["", ' with, comma and "quotes"', "1.50"]
    quoted = ['"' + text.replace('"', '""') + '"' if "," in text else text for text in ids]
    lines = [f"booking,{header},note", *(f"{i},{row},x" for i, row in zip(quoted, cells, strict=True))]
    (tmp_path / "new.csv").write_text("\n".join(lines) + "\n")
    feature = iris.model.description.feature_names[0]

    rows, notes = predicted(iris.model, tmp_path / "new.csv", keep=("booking", feature))

    assert rows[0] == ["booking", feature, "species"]
    assert [row[0] for row in rows[1:]] == ids
    np.testing.assert_array_equal([float(row[1]) for row in rows[1:]], iris.dev[picked][:, 0])
    names = np.array(iris.model.description.class_names)[iris.measured.argmax(axis=1)]
    assert [row[2] for row in rows[1:]] == names[picked].tolist()
    assert notes == [f"{tmp_path / 'new.csv'}: columns that the model does not read: 'note'"]


def test_typed_columns_are_kept_as_their_values(iris: ExportedWinner, tmp_path: Path) -> None:
    frame = pl.DataFrame(iris.dev[:2], schema=list(iris.model.description.feature_names))
    frame = frame.with_columns(day=pl.Series([date(2030, 1, 2), None]))
    frame.write_parquet(tmp_path / "new.parquet")
    rows, _ = predicted(iris.model, tmp_path / "new.parquet", keep=("day",))
    assert [row[0] for row in rows] == ["day", "2030-01-02", ""]


@pytest.mark.parametrize(
    ("keep", "match"),
    [
        ("bokking", r"--keep: no column 'bokking'; did you mean 'booking'\? \(.*new\.csv\)"),
        ("x", r"--keep: no column 'x'; the columns are 'booking', "),
        ("species", r"--keep: 'species' is also a column of the predictions; rename it in the file"),
    ],
)
def test_a_column_that_cannot_be_kept_is_refused_and_leaves_no_file(
    iris: ExportedWinner, tmp_path: Path, keep: str, match: str
) -> None:
    names = ["booking", *iris.model.description.feature_names, "species"]
    (tmp_path / "new.csv").write_text(f"{','.join(names)}\n17,1,2,3,4,setosa\n")
    with pytest.raises(BadInputError, match=match):
        predicted(iris.model, tmp_path / "new.csv", keep=(keep,))
    assert not (tmp_path / "out.csv").exists()


def test_a_header_alone_gives_a_header_with_what_is_kept(iris: ExportedWinner, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(",".join(["booking", *iris.model.description.feature_names]) + "\n")
    assert predicted(iris.model, tmp_path / "new.csv", keep=("booking", "booking"))[0] == [
        ["booking", "species"]
    ]


def test_columns_that_may_be_missing_are_predicted_as_missing_cells_and_named(
    iris: ExportedWinner, tmp_path: Path
) -> None:
    names = iris.model.description.feature_names
    frame = pl.DataFrame(iris.dev, schema=list(names))
    lacking, blank = tmp_path / "lacking.csv", tmp_path / "blank.csv"
    frame.drop(names[1]).write_csv(lacking)
    frame.with_columns(pl.lit(None, pl.String).alias(names[1])).write_csv(blank)

    rows, notes = predicted(iris.model, lacking, allow_missing=True)

    assert rows == predicted(iris.model, blank)[0]
    assert notes == [f"{lacking}: missing columns, read as missing cells: {names[1]!r}"]
    with pytest.raises(BadInputError, match=r"1 of 4 columns are missing: .*; --missing-columns allow"):
        predicted(iris.model, lacking)


def test_a_file_with_none_of_the_columns_is_refused_all_the_same(
    iris: ExportedWinner, tmp_path: Path
) -> None:
    (tmp_path / "new.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInputError, match="4 of 4 columns are missing: "):
        predicted(iris.model, tmp_path / "new.csv", allow_missing=True)


def test_cells_that_are_missing_where_none_was_are_noted_in_the_words_of_python(
    iris: ExportedWinner, tmp_path: Path
) -> None:
    names = iris.model.description.feature_names
    frame = pl.DataFrame(np.repeat(iris.dev[:1], ROWS_AT_ONCE + 1, axis=0), schema=list(names))
    gaps = pl.int_range(pl.len()).is_in([0, 1, ROWS_AT_ONCE])  # in more than one piece
    frame.with_columns(pl.when(~gaps).then(pl.col(names[2])).alias(names[2])).write_csv(tmp_path / "new.csv")
    _, notes = predicted(iris.model, tmp_path / "new.csv")
    sentence = f"missing cells in columns that have none in the train set: {names[2]!r} in 3 rows"
    assert notes == [f"{tmp_path / 'new.csv'}: {sentence}"]
