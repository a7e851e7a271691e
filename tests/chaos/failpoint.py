"""A process that dies of SIGKILL at a chosen durable step: just before a commit, or right after it.

    python -m tests.chaos.failpoint 7 after run table.csv ...    `proctor run`, dying after its seventh commit

Nothing in the product knows of this: SQLAlchemy's commit is wrapped, in the process that is to die.
"""

import os
import signal
import sys
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from service.cli import main

READING = ("SELECT", "PRAGMA", "SHOW", "BEGIN")
"""How statements begin that leave nothing to commit."""


class Moment(StrEnum):
    """When a process dies: with the step still undone, or done and nobody told."""

    BEFORE = "before"
    AFTER = "after"


class Failpoint:
    """Counts the commits that make something durable, and kills the process at one of them.

    Parameters
    ----------
    step
        At which commit, from 1; None: at none, they are only counted.
    moment
        On which side of it.
    """

    def __init__(self, step: int | None, moment: Moment) -> None:
        self._step = step
        self._moment = moment
        self._n_commits = 0
        self._has_written = False

    @property
    def n_commits(self) -> int:
        """How many commits there have been that made something durable."""
        return self._n_commits

    def arm(self) -> None:
        """Watch every engine of this process from now on."""
        event.listen(Engine, "before_cursor_execute", self._see)
        commit = DefaultDialect.do_commit

        def watched(dialect: DefaultDialect, connection: Any) -> None:  # noqa: ANN401 (any driver's own)
            counts = self._has_written
            self._has_written = False
            self._n_commits += counts
            is_here = counts and self._n_commits == self._step
            if is_here and self._moment is Moment.BEFORE:
                os.kill(os.getpid(), signal.SIGKILL)
            commit(dialect, connection)  # type: ignore[no-untyped-call]  # SQLAlchemy's, unannotated
            if is_here:
                os.kill(os.getpid(), signal.SIGKILL)

        DefaultDialect.do_commit = watched  # type: ignore[method-assign]

    def _see(self, *execution: Any) -> None:  # noqa: ANN401 (SQLAlchemy's, of which one is looked at)
        statement = str(execution[2])
        self._has_written = self._has_written or not statement.lstrip().upper().startswith(READING)


if __name__ == "__main__":
    Failpoint(int(sys.argv[1]), Moment(sys.argv[2])).arm()
    del sys.argv[1:3]
    main()
