"""Results of searches in a file, a line of JSON each: what is there is not measured again."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from service.winner.examination.figures import Figures


class Asked(NamedTuple):
    """What is to be measured.

    `contender` is a space's name or a peer's; `written` is what the space says, as JSON, so that one that has
    changed since is another.
    """

    contender: str
    written: str
    table: str
    seed: int
    trials: int


@dataclass(frozen=True)
class Result:
    """What was measured.

    Attributes
    ----------
    asked
        Of what.
    metric
        What chose on the dev set.
    dev, test
        All figures of the task, by name.
    seconds
        Processor time of the search, without reading the table.
    epochs
        Of all trials; None of a peer.
    """

    asked: Asked
    metric: str
    dev: Figures
    test: Figures
    seconds: float
    epochs: int | None


def read_results(path: Path) -> dict[Asked, Result]:
    """Return what is in the file, nothing where there is none; a last line that was cut off is left out."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    results = {}
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        asked = Asked(*(found.pop(name) for name in Asked._fields))
        results[asked] = Result(asked, **found)
    return results


def append_result(result: Result, path: Path) -> None:
    """Write a result to the file's end, on a line of its own also where the last one was cut off."""
    found = asdict(result)
    line = json.dumps(result.asked._asdict() | {name: found[name] for name in found if name != "asked"})
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, 2)
            if file.read() != b"\n":
                file.write(b"\n")
        file.write(f"{line}\n".encode())
