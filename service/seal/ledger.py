"""The ledger of openings: which study looked at which test set, when, and what came of it.

An opening is committed before any figure exists. The database's own unique keys let one process win where
several race; a process that died before it wrote its figures leaves a row that says so, and that another
may finish. Where it lives, and the database failed it on the way, it finishes its own opening itself.

A test set is looked at once without a reason, by whichever study: an opening counts from its commit, with or
without figures. To finish one that was begun is no further look.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import ColumnElement

from service.errors import BadInputError
from service.seal.database_tables import create_missing
from service.seal.identity import ProcessIdentity, StudyIdentity, current_process
from service.seal.openings import Look, Opening

openings = Table(
    "proctor_openings",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("study_name", String(512), nullable=False),  # what it was called then
    Column("study_key", String(32), nullable=False),  # this and the next: see StudyIdentity
    Column("study_id", Integer, nullable=False),
    Column("test_fingerprint", String(64), nullable=False),
    Column("look", Integer, nullable=False),
    Column("look_at_set", Integer, nullable=False),
    Column("winner_trial", Integer, nullable=False),
    Column("reason", Text),
    Column("opened_at", DateTime, nullable=False),  # naive UTC, as Optuna's own times are
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("user", String(255), nullable=False),
    Column("process_start", String(32), nullable=False),
    Column("resumes", Integer, nullable=False),
    Column("finished_at", DateTime),
    Column("figures", Text),
    UniqueConstraint("study_key", "study_id", "look"),
    UniqueConstraint("test_fingerprint", "look_at_set"),
)
"""One row an opening. The unique keys are the seal's guard: of all who insert a study's next look, or any
study's next look at one test set, one succeeds."""


def process_columns(process: ProcessIdentity) -> dict[str, object]:
    """Return the columns that say who holds an opening."""
    return {
        "host": process.host,
        "pid": process.pid,
        "user": process.user,
        "process_start": process.start,
    }


def look_of(row: RowMapping, studies: Collection[StudyIdentity]) -> Look:
    """Return what a row remembers, of a study that may be called otherwise now, or be there no more."""
    figures = row["figures"]
    key, study_id = row["study_key"], row["study_id"]
    name = next((study.name for study in studies if study.owns(key, study_id)), None)
    return Look(
        id=row["id"],
        study_name=row["study_name"] if name is None else name,
        study_key=key,
        study_id=study_id,
        is_deleted=name is None,
        test_fingerprint=row["test_fingerprint"],
        look=row["look"],
        winner_trial=row["winner_trial"],
        reason=row["reason"],
        opened_at=row["opened_at"].replace(tzinfo=UTC),
        process=ProcessIdentity(row["host"], row["pid"], row["user"], row["process_start"]),
        resumes=row["resumes"],
        finished_at=row["finished_at"] and row["finished_at"].replace(tzinfo=UTC),
        figures=None if figures is None else json.loads(figures),
    )


def now() -> datetime:
    """Return the time as the table keeps it: UTC, naive."""
    return datetime.now(UTC).replace(tzinfo=None)


class AlreadyOpenedError(BadInputError):
    """The test set was opened before, and this opening is refused."""


class OpenedByOthersError(AlreadyOpenedError):
    """Other studies opened the test set before this one, which gave no reason to look again."""


class Ledger:
    """The openings of all studies in one database.

    Parameters
    ----------
    engine
        The study's database. SQLite's `synchronous = FULL`, its default, makes a committed opening survive a
        power cut.
    studies
        Gives the studies that the database has.
    """

    def __init__(self, engine: Engine, studies: Callable[[], Collection[StudyIdentity]]) -> None:
        self._engine, self._studies = engine, studies
        self._begun: set[tuple[str, int, int]] = set()  # study and look, committed or perhaps not

    def create_table(self) -> None:
        """Make the ledger's table where it is missing; any number of processes may try at once."""
        create_missing(self._engine, openings)

    def open(
        self, study: StudyIdentity, fingerprint: str, winner_trial: int, reason: str | None = None
    ) -> Opening:
        """Commit an opening, then return it; or take over one whose process died before its figures.

        Parameters
        ----------
        study, fingerprint, winner_trial
            Whose test set is opened, which one it is, and the trial that sits it.
        reason
            Why it is looked at again, in words: a further look at the test set needs one.

        Raises
        ------
        AlreadyOpenedError
            The study has looked before and no reason is given; another process is at it or was faster; or the
            opening to finish is another trial's.
        OpenedByOthersError
            Other studies have looked before, and no reason is given.
        BadInputError
            `reason` is blank.
        """
        own, at_set = self.looks(study), self.looks_at(fingerprint)
        self._check(own, at_set, reason)
        if own and self._waits_for_its_end(own[-1], reason):
            return self._take_over(own[-1], study, fingerprint, winner_trial)
        opening = Opening(0, study, fingerprint, len(own) + 1, winner_trial)
        return self._insert(opening, reason, look_at_set=len(at_set) + 1)

    def check_may_open(self, study: StudyIdentity, fingerprint: str, reason: str | None = None) -> None:
        """Refuse at once what `open` would refuse later, after the winner's retraining; writes nothing.

        Raises
        ------
        AlreadyOpenedError, OpenedByOthersError, BadInputError
            As `open`.
        """
        self._check(self.looks(study), self.looks_at(fingerprint), reason)

    def finish(self, opening: Opening, figures: Mapping[str, object]) -> None:
        """Write the opening's figures, once; `figures` is whatever JSON can hold.

        Raises
        ------
        AlreadyOpenedError
            The figures are there already, or another process has taken the opening over.
        """
        if not self._update(opening, {"finished_at": now(), "figures": json.dumps(figures)}):
            there = ", ".join(map(str, self._looks(openings.c.id == opening.id)))
            raise AlreadyOpenedError(
                f"an opening is finished only once, and only by the process that holds it; {there}"
            )

    def looks(self, study: StudyIdentity) -> tuple[Look, ...]:
        """Return the study's looks, the first one first."""
        of_copies = self._looks(openings.c.study_key == study.key)
        return tuple(look for look in of_copies if study.owns(look.study_key, look.study_id))

    def looks_of_line(self, study: StudyIdentity) -> tuple[Look, ...]:
        """Return the study's looks, and those of what it was copied from, in the order of their opening."""
        keys = {key for key, _ in (*study.places, *study.ancestors)}
        of_keys = self._looks(openings.c.study_key.in_(keys))
        return tuple(
            look
            for look in of_keys
            if study.owns(look.study_key, look.study_id) or study.descends_from(look.study_key, look.study_id)
        )

    def looks_at(self, fingerprint: str) -> tuple[Look, ...]:
        """Return all looks of all studies at one test set, in the order of their opening."""
        return self._looks(openings.c.test_fingerprint == fingerprint)

    def _check(self, own: Sequence[Look], at_set: Sequence[Look], reason: str | None) -> None:
        if reason is not None and not reason.strip():
            raise BadInputError("expected a reason in words for a further look at the test set, got none")
        if reason is not None or (own and self._waits_for_its_end(own[-1], reason)):
            return
        if own:
            raise AlreadyOpenedError(_refusal(at_set or own))
        if at_set:
            raise OpenedByOthersError(_refusal(at_set))

    def _insert(self, opening: Opening, reason: str | None, *, look_at_set: int) -> Opening:
        """Commit the next look of the study, which is to be the next look at the test set as well."""
        values = {
            "study_name": opening.study.name,
            "study_key": opening.study.key,
            "study_id": opening.study.study_id,
            "test_fingerprint": opening.test_fingerprint,
            "look": opening.look,
            "look_at_set": look_at_set,
            "winner_trial": opening.winner_trial,
            "reason": reason if look_at_set > 1 or opening.look > 1 else None,  # else nobody had to give one
            "opened_at": now(),
            **process_columns(current_process()),
            "resumes": 0,
        }
        begun = (opening.study.key, opening.study.study_id, opening.look)
        self._begun.add(begun)
        try:
            with self._engine.begin() as connection:
                row_id = connection.execute(
                    insert(openings).values(values).returning(openings.c.id)
                ).scalar_one()
        except IntegrityError:
            self._begun.discard(begun)
            looks = self.looks(opening.study)
            if len(looks) >= opening.look:
                raise AlreadyOpenedError(_refusal(looks)) from None
            if len(self.looks_at(opening.test_fingerprint)) < look_at_set:
                raise  # not a race: the row itself is at fault
            # Another study was faster: this one is refused now, or with a reason comes after it.
            return self.open(opening.study, opening.test_fingerprint, opening.winner_trial, reason)
        return replace(opening, id=row_id)

    def _take_over(self, look: Look, study: StudyIdentity, fingerprint: str, winner_trial: int) -> Opening:
        if (fingerprint, winner_trial) != (look.test_fingerprint, look.winner_trial):
            raise AlreadyOpenedError(
                f"an opening is finished by its own trial on its own test set, {look.test_fingerprint[:12]} "
                f"({look}); got trial {winner_trial}, test set {fingerprint[:12]}"
            )
        found = Opening(look.id, study, fingerprint, look.look, winner_trial, look.resumes)
        taken = replace(found, resumes=found.resumes + 1)
        if not self._update(found, {**process_columns(current_process()), "resumes": taken.resumes}):
            raise AlreadyOpenedError(_refusal(self.looks(study)))
        return taken

    def _update(self, opening: Opening, values: dict[str, Any]) -> bool:
        """Change the row unless somebody has finished or taken over the opening; tell whether it did."""
        unfinished = update(openings).where(
            openings.c.id == opening.id,
            openings.c.resumes == opening.resumes,
            openings.c.finished_at.is_(None),
        )
        with self._engine.begin() as connection:
            return connection.execute(unfinished.values(values)).rowcount == 1

    def _waits_for_its_end(self, last: Look, reason: str | None) -> bool:
        """Whether this ledger may finish the last look, and `reason` does not ask for another."""
        is_open = not last.is_finished and reason in {None, last.reason}
        begun = (last.study_key, last.study_id, last.look)
        is_own = last.process == current_process() and begun in self._begun
        return is_open and (is_own or last.process.is_gone())

    def _looks(self, condition: ColumnElement[bool]) -> tuple[Look, ...]:
        if not self._has_table():  # nothing was ever opened in this database
            return ()
        with self._engine.connect() as connection:
            query = select(openings).where(condition).order_by(openings.c.id)
            rows = connection.execute(query).mappings().all()
        studies = self._studies() if rows else ()
        return tuple(look_of(row, studies) for row in rows)

    def _has_table(self) -> bool:
        inspector = inspect(self._engine)
        if not inspector.has_table(openings.name):
            return False
        if {column["name"] for column in inspector.get_columns(openings.name)} != set(openings.c.keys()):
            raise BadInputError(
                "another version made this database's ledger, with other columns; use another database:"
                " --storage URL"
            )
        return True


def _refusal(looks: Sequence[Look]) -> str:
    """Name a test set's looks where they are one or two, else their number, the first and the last."""
    n = len(looks)
    if n > 2:
        named = f"{n:,} times: first {looks[0]}; last {looks[-1]}"
    else:
        named = f"{'once' if n == 1 else 'twice'}: {'; '.join(map(str, looks))}"
    return f'the test set was opened before, {named}; to look again, give a reason: --look-again "REASON"'
