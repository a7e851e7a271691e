"""`proctor data` tells on the screen and in JSON what is understood, and writes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.cli import run_command
from service.data.checks.data_check import DataCheck
from tests.end_to_end.commands import proctor
from tests.house.checkout import ROOT

RENTS = str(ROOT / "examples" / "rents.csv")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Run the command for its JSON, which is that of a `DataCheck`."""
    assert run_command(["data", *arguments, "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    DataCheck.model_validate_json(said.out)
    value: dict[str, Any] = json.loads(said.out)
    return value


def test_it_tells_a_table_and_a_study_file_and_writes_nothing(tmp_path: Path) -> None:
    shown = proctor("data", str(ROOT / "examples" / "rents.toml"), cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "regression of rent" in shown.stdout

    done = proctor("data", RENTS, "--target", "rent", "--no-test", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    value = json.loads(done.stdout)
    assert value["n_examples"] == {"train": 714, "dev": 178}
    assert [column["kind"] for column in value["columns"]][:3] == ["id", "categorical", "numeric"]
    assert list(tmp_path.iterdir()) == []


def test_what_was_understood_is_one_object_with_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    value = told(capsys, RENTS, "--target", "rent")
    assert value["version"] == 1
    assert value["files"] == [
        {
            "path": RENTS,
            "role": "table",
            "n_examples": 892,
            "delimiter": ",",
            "encoding": "utf-8",
            "decimal_comma": False,
            "skipped_lines": 0,
            "sheet": None,
        }
    ]
    assert (value["task"], value["target"], value["n_without_target"]) == ("regression", "rent", 8)
    assert value["n_examples"] == {"train": 536, "dev": 178, "test": 178}
    district = value["columns"][1]
    assert {key: district[key] for key in ("name", "kind", "is_said", "left_out")} == {
        "name": "district",
        "kind": "categorical",
        "is_said": False,
        "left_out": "",
    }
    assert district["n_inputs"] >= district["distinct"] > 1
    assert [(warning["about"], warning["column"]) for warning in value["warnings"]] == [
        ("group", "landlord"),
        ("date", "listed"),
        ("id", "listing"),
        ("few dev examples", None),
    ]


def test_the_flags_of_the_split_are_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header, *lines = Path(RENTS).read_text().splitlines(keepends=True)
    for name, some in {"train": lines[:500], "dev": lines[500:700], "test": lines[700:]}.items():
        (tmp_path / f"{name}.csv").write_text(header + "".join(some))
    folded = told(capsys, RENTS, "--target", "rent", "--folds", "4")
    assert (folded["n_folds"], folded["n_examples"]) == (4, {"train": 714, "test": 178})
    assert "few dev examples" not in {warning["about"] for warning in folded["warnings"]}

    files = [f"--{name}-table={tmp_path / name}.csv" for name in ("dev", "test")]
    apart = told(capsys, str(tmp_path / "train.csv"), "--target", "rent", *files)
    assert [file["role"] for file in apart["files"]] == ["table", "dev_table", "test_table"]
    sizes = dict(zip(("all", "dev", "test"), (file["n_examples"] for file in apart["files"]), strict=True))
    assert {name: apart["n_examples"][name] for name in ("dev", "test")} == {
        name: sizes[name] for name in ("dev", "test")
    }
    assert apart["n_examples"]["train"] == sizes["all"]
    assert apart["train_dev"]["columns"] == []
    assert any(note.startswith("no train-dev set, because none of") for note in apart["notes"])
    aside = told(capsys, str(tmp_path / "train.csv"), "--target", "rent", *files, "--train-dev", "always")
    assert aside["n_examples"]["train"] + aside["n_examples"]["train-dev"] == sizes["all"]


def test_a_seed_goes_before_the_study_files_also_where_it_is_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, same, other = (told(capsys, "diabetes", "--seed", seed)["numbers"] for seed in ("0", "0", "1"))
    assert one == same != other
    study = tmp_path / "study.toml"
    study.write_text('seed = 1\n[data]\ntable = "diabetes"\n')
    assert told(capsys, str(study))["numbers"] == other
    assert told(capsys, str(study), "--seed", "0")["numbers"] == one


def test_the_task_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    rooms = told(capsys, RENTS, "--target", "rooms", "--task", "regression")
    assert rooms["task"] == "regression"
    assert rooms["class_counts"] == {}


def test_columns_may_have_any_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["cell", "text", "y", "x", "name", "len", "literal", "index", "[b]", "é 字"]
    rows = [[f"{(row * 37 + at * 11) % 101 / 7}" for at in range(len(names))] for row in range(200)]
    lines = [",".join([*names, "count"]), *(f"{','.join(row)},c{at % 2}" for at, row in enumerate(rows))]
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    value = told(capsys, str(tmp_path / "table.csv"), "--target", "count")
    assert [column["name"] for column in value["columns"]] == names
    assert [column["n_inputs"] for column in value["columns"]] == [1] * len(names)
    assert run_command(["data", str(tmp_path / "table.csv"), "--target", "count"]) == 0
    assert "[b]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nothing.csv", "--target", "y"], "nothing.csv', and no built-in table"),
        ([RENTS], "target"),
        ([RENTS, "--target", "rend"], "did you mean 'rent'?"),
        ([RENTS, "--target", "rent", "--folds", "0"], "--folds"),
        ([RENTS, "--target", "rent", "--test-table", "gone.csv"], "gone.csv', and no built-in table"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["data", *arguments]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert line in said.err
