"""How the target was understood is said before a run, and holds in all that comes after."""

from pathlib import Path

import numpy as np

from tests.end_to_end.commands import proctor

QUICK = ("--space", "small", "--trials", "1", "--confirm", "0", "--max-epochs", "3", "--workers", "0")


def write(path: Path, classes: list[str], n: int = 240) -> str:
    """Write a table of a number that tells the classes, in turn."""
    noise = np.random.default_rng(0).normal(scale=0.1, size=n)
    rows = [f"{row % len(classes) + noise[row]},{classes[row % len(classes)]}\n" for row in range(n)]
    path.write_text("x,y\n" + "".join(rows))
    return path.name


def test_codes_are_predicted_as_they_are_written(tmp_path: Path) -> None:
    table = write(tmp_path / "codes.csv", ["01", "02", "03"])
    run = proctor("run", table, "--target", "y", *QUICK, "--no-baselines", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    said = (
        "target 'y' is predicted as a class (classification): 3 whole numbers from 1 to 3;"
        " --task regression predicts them as numbers"
    )
    assert run.stderr.count(said) == 1
    predicted = proctor("predict", "codes", table, cwd=tmp_path)
    header, *rows = predicted.stdout.split()
    assert header == "y"
    assert set(rows) <= {"01", "02", "03"}
    assert len(rows) == 240

    said_task = ("--task", "classification", "--name", "silent")
    silent = proctor("run", table, "--target", "y", *said_task, *QUICK, cwd=tmp_path)
    assert silent.returncode == 0, silent.stderr
    assert "is predicted as" not in silent.stderr


def test_classes_of_similar_names_are_warned_of(tmp_path: Path) -> None:
    table = write(tmp_path / "answers.csv", ["no", "Yes", "no", "YES"])
    run = proctor("run", table, "--target", "y", *QUICK, "--quiet", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "warning: classes that differ only in case or blanks, with their known examples: " in run.stderr
    assert (
        "they count as different classes; if they mean the same, spell them alike in the file" in run.stderr
    )
