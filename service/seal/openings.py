"""Openings as the ledger has them: values, without the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.seal.identity import ProcessIdentity, StudyIdentity


@dataclass(frozen=True, slots=True)
class Opening:
    """Leave to open a sealed test set: a row of the ledger that is committed and has no figures yet.

    `Ledger.open` is the only place that makes one. Python keeps no secrets, so that making one by hand is
    not impossible; it is breaking the seal, and reads so in a review.

    Attributes
    ----------
    id
        The row in the ledger.
    study, test_fingerprint, look, winner_trial
        What is opened, the number of this look at it (1, 2, …), and the trial that sits it.
    resumes
        How many processes before this one opened it and ended without a figure.
    """

    id: int
    study: StudyIdentity
    test_fingerprint: str
    look: int
    winner_trial: int
    resumes: int = 0

    @property
    def resumed(self) -> bool:
        """Whether this finishes what a process that died began."""
        return self.resumes > 0


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a test set, as the ledger remembers it.

    Attributes
    ----------
    id
        Its row in the ledger.
    study_name, study_key, study_id
        Which study looked, under the name that it has now, or had then if it is deleted; for the others see
        `StudyIdentity`.
    is_deleted
        Whether the study is there no more.
    test_fingerprint, look, winner_trial
        At which test set, the number of the look (1, 2, …), and the trial that sat it.
    reason
        Why somebody insisted on looking again, in their words; None where nobody had to.
    opened_at
        When the opening was committed (UTC).
    process
        Who opened it; after a resume, who took it over.
    resumes
        How many processes ended between opening it and writing the figures.
    finished_at, figures
        When the figures were written (UTC), and they; None where a process ended, or still is, in between.
    """

    id: int
    study_name: str
    study_key: str
    study_id: int
    is_deleted: bool
    test_fingerprint: str
    look: int
    winner_trial: int
    reason: str | None
    opened_at: datetime
    process: ProcessIdentity
    resumes: int
    finished_at: datetime | None
    figures: Mapping[str, object] | None

    @property
    def is_finished(self) -> bool:
        """Whether the opening came to its figures."""
        return self.finished_at is not None

    def __str__(self) -> str:
        ending = (
            f"finished {self.finished_at:%Y-%m-%d %H:%M:%S} UTC"
            if self.finished_at
            else "opened without a figure"
        )
        return (
            f"look {self.look} of study {self.study_name!r}{' (deleted)' if self.is_deleted else ''},"
            f" trial {self.winner_trial}: opened "
            f"{self.opened_at:%Y-%m-%d %H:%M:%S} UTC by {self.process}; {ending}"
        )
