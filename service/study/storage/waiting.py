"""Work in a database that may be away, where there is nothing else to do until it answers."""

import time
from collections.abc import Callable
from typing import TypeVar

from service.study.storage.patience import ANSWERS_AGAIN, Outage, Patience
from service.study.storage.storage_errors import StorageAwayError

T = TypeVar("T")

_LOOK_SECONDS = 0.1


def wait_out(
    work: Callable[[], T], *, patience: Patience, say: Callable[[str], None], is_given_up: Callable[[], bool]
) -> T:
    """Do some work again, from its beginning, until the database has not been away on the way.

    Parameters
    ----------
    work
        What is done; doing it twice, or half and then whole, comes to the same.
    patience
        How often and for how long it is tried.
    say
        Told of each failure, and of the end of the outage.
    is_given_up
        Asked on the way: whether nobody waits for it any more.

    Raises
    ------
    StorageAwayError
        The database was away for longer than is waited for, or it is given up.
    """
    outage: Outage | None = None
    while True:
        try:
            done = work()
        except StorageAwayError as error:
            now = time.monotonic()
            if outage is not None and outage.is_hopeless(now):
                raise
            outage = patience.outage(error, now=now) if outage is None else outage.failed(error, now=now)
            say(outage.told(now, meanwhile="what is done is kept"))
        else:
            if outage is not None:
                say(ANSWERS_AGAIN)
            return done
        while not outage.is_due(time.monotonic()):
            if is_given_up():
                raise outage.error
            time.sleep(_LOOK_SECONDS)
