"""`proctor data` tells on the screen and in JSON what is understood, and writes nothing."""

import json
from pathlib import Path

from tests.end_to_end.commands import proctor

ROOT = Path(__file__).parents[2]


def test_it_tells_a_table_and_a_study_file_and_writes_nothing(tmp_path: Path) -> None:
    examples = ROOT / "examples"
    shown = proctor("data", str(examples / "rents.toml"), cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "regression of rent" in shown.stdout

    told = proctor(
        "data", str(examples / "rents.csv"), "--target", "rent", "--no-test", "--json", cwd=tmp_path
    )
    assert (told.returncode, told.stderr) == (0, "")
    value = json.loads(told.stdout)
    assert value["n_examples"] == {"train": 714, "dev": 178}
    assert [column["kind"] for column in value["columns"]][:3] == ["id", "categorical", "numeric"]
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path) -> None:
    refused = proctor("data", "nothing.csv", "--target", "y", cwd=tmp_path)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
