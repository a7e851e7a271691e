"""The heartbeat of a lease: renewed beside the work, so that a long step does not let it lapse."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from service.study.storage.leases.lease import Lease
from service.study.storage.storage_errors import LeaseLostError, StorageError


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Renew a lease from a thread, for as long as the block runs.

    While the database is away it goes on trying. When the lease is found to be another's, it ends; the
    lease's `check`, and every write that the lease holds for, say so then.
    """
    is_over = Event()
    thread = Thread(target=_beat, args=(lease, is_over), name=f"lease on {lease.study_name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _beat(lease: Lease, is_over: Event) -> None:
    while not is_over.wait(lease.renewal_seconds / 2):
        try:
            if lease.is_due:
                lease.renew()
        except StorageError:
            continue
        except LeaseLostError:
            return
