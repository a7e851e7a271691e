"""The study that is disturbed: a made table, and the words of the command that runs it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

NAME = "chaos"


@dataclass(frozen=True, slots=True)
class DisturbedStudy:
    """One study in one database, as it is given to the command.

    Attributes
    ----------
    table
        The CSV file; studies that are compared share it.
    storage
        The database's URL.
    n_trials, max_epochs, seed
        The budget, the length of a trial that is not pruned, and the study's seed.
    """

    table: Path
    storage: str
    n_trials: int
    max_epochs: int
    seed: int

    @property
    def begin(self) -> tuple[str, ...]:
        """The words that begin it."""
        return (
            *("run", str(self.table), "--target", "label", "--name", NAME, "--space", "small"),
            *("--trials", f"{self.n_trials}", "--seed", f"{self.seed}", "--concurrency", "4"),
            *("--max-epochs", f"{self.max_epochs}", "--patience", f"{self.max_epochs}"),
            *("--storage", self.storage, "--quiet"),
        )

    @property
    def go_on(self) -> tuple[str, ...]:
        """The words that take it up again."""
        return ("resume", NAME, "--storage", self.storage, "--quiet")


def make_table(path: Path, *, n_rows: int) -> Path:
    """Write two classes that overlap: of six columns, one decides alone and two together."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(n_rows, 6))
    is_high = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(0, 0.5, n_rows) > 0
    lines = [",".join(f"{cell:.4f}" for cell in row) for row in X]
    labels = np.where(is_high, "high", "low")
    rows = "\n".join(f"{line},{label}" for line, label in zip(lines, labels, strict=True))
    path.write_text(f"a,b,c,d,e,f,label\n{rows}\n")
    return path
