"""The format of stored studies: its version, names of attributes, and how a study that went on is kept.

For whoever reads them with or without Optuna: nothing heavy is imported.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from service.seal.openings import Look
from service.study.storage.storage_errors import OthersStudyError, OtherVersionError

LEARNING_CURVE: Final = "learning_curve"
"""The trial's attribute that takes more memory than all else of it, and that the search has no use for."""

VIRTUAL_START: Final = "virtual_start"
"""A trial that tries a point has its start on the virtual clock."""

CONFIRMS: Final = "confirms"
"""A confirmation has the number of the trial that it repeats."""

OF_COORDINATOR: Final = (VIRTUAL_START, CONFIRMS)
"""A trial that a coordinator asked has one of these; another tool gives it no place on the clock."""

SET_ASIDE: Final = "set_aside"
"""Marks a trial that a person set aside."""

TAKEN_AS: Final = "taken_as"
"""Marks a trial that another tool queued, and whose point was taken up."""

OF_RESULT: Final = "runs"
"""A trial that a coordinator ended has this with the rest of its result; another tool leaves no result."""

DEV_LOSS: Final = "dev_loss"
"""The trial's dev loss at its best epoch."""

COMMAND: Final = "command"
"""The study's attribute that has the command which gives the same study again, under its present name."""

ENDING: Final = "ending"
"""The study's attribute that says why its search ended."""

FINALISTS: Final = "finalists"
"""The study's attribute that has the numbers of the trials that are confirmed."""

WINNER: Final = "winner"
"""The study's attribute that has what was measured of its winner; null until that is measured anew."""

OF_WINNER: Final = (WINNER, "learning_curve")
"""The study's attributes that were measured of its winner: null where another may win."""

ROUNDS_ENDING: Final = "rounds_ending"
"""Attribute of the first of several rounds: why there are no more, and whose winner is the best of all."""

LOOK_AGAIN: Final = "look_again"
"""The study's attribute that says why its end opens a test set that was opened before."""

ROUND: Final = "round"
"""Attribute of a later round: what finds the first study, and its place among the rounds."""

ARCHIVED: Final = "archived"
"""The study's attribute that has `proctor list` pass it over."""

EXTENSIONS = "extensions"
"""The study's attribute that lists its extensions."""

FORMAT = 9
"""The format that is written and read."""


def kinds_in(attributes: Mapping[str, Any]) -> list[str]:
    """Return the kinds of model in a study's contest, by its attributes; none where it is in no contest."""
    contest = attributes.get("config", {}).get("contest", ())
    return [entrant["model"]["kind"] for entrant in contest]


def check_format(name: str, attributes: Mapping[str, Any]) -> None:
    """Refuse a study that this version cannot go on with.

    Parameters
    ----------
    name
        The study.
    attributes
        What is stored.

    Raises
    ------
    OthersStudyError
        The study was not made by Proctor.
    OtherVersionError
        Its format is newer or older.
    """
    written = attributes.get("format")
    if not isinstance(written, int) or "config" not in attributes:
        raise OthersStudyError(f"study {name!r} was not made by Proctor; this version reads format {FORMAT}")
    if written > FORMAT:
        raise OtherVersionError(
            f"study {name!r} was written by a newer Proctor: expected format {FORMAT}, got {written};"
            " upgrade Proctor to continue it"
        )
    if written < FORMAT:
        raise OtherVersionError(
            f"study {name!r} was begun by an older Proctor, which this version cannot continue: expected"
            f" format {FORMAT}, got {written}; start another with --name NAME, or use that version"
        )


class Extension(BaseModel):
    """One time that a study was given higher limits; those that hold are in its configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    extended_at: datetime
    """UTC."""

    n_trials: int
    """Trials that had tried a point by then."""

    looks: tuple[int, ...]
    """The looks by then, as rows of the ledger: the study's own, and those of what it was copied from."""


def looks_before(extensions: Sequence[Extension], looks: Sequence[Look]) -> list[Look]:
    """Return the looks that were taken before the search last went on; none where it never did."""
    seen = extensions[-1].looks if extensions else ()
    return [look for look in looks if look.id in seen]
