"""The database that a command works on: the one named, or `proctor.db` in the working directory."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from service.configuration.launch_config import LaunchConfig
from service.study.storage.database_failures import told_as_storage_errors
from service.study.storage.database_url import check_file_can_be_made, parse_url, storage_url
from service.study.storage.lease_table import create_leases
from service.study.storage.storage_errors import NoStudiesError
from service.study.storage.study_store import StudyStore


def open_storage(launch: LaunchConfig, *, create: bool) -> StudyStore:
    """Open the database; with `create`, make it and its tables, the ledger's and the leases' too.

    Raises
    ------
    StorageError
        When it cannot be reached, or is not there and is not to be made.
    """
    store = StudyStore(storage_url(launch), create=create)
    if create:
        with told_as_storage_errors(store.engine.url):
            store.ledger().create_table()
            create_leases(store.engine)
    return store


@contextmanager
def opened_storage(launch: LaunchConfig, *, create: bool) -> Iterator[StudyStore]:
    """Open the database for as long as it is entered: whatever fails in it meanwhile is one line.

    Raises
    ------
    StorageError
        When it cannot be reached, read or written, or is not there and is not to be made.
    """
    with closing(open_storage(launch, create=create)) as store, told_as_storage_errors(store.engine.url):
        yield store


def prepare_storage(launch: LaunchConfig) -> str:
    """Make the tables of studies and ledger where they are missing; return the URL without a password."""
    with opened_storage(launch, create=True) as store:
        return store.shown_url


def check_can_be_made(launch: LaunchConfig) -> None:
    """Refuse a database that is a file and could not be made, before a search is begun for it.

    Raises
    ------
    StorageError
        As `check_file_can_be_made`.
    """
    check_file_can_be_made(parse_url(storage_url(launch)))


def has_study(launch: LaunchConfig, name: str) -> bool:
    """Tell whether there is a study of a name; nothing is made.

    Raises
    ------
    StorageError
        When the database cannot be reached.
    """
    try:
        with opened_storage(launch, create=False) as store:
            return name in store.study_names()
    except NoStudiesError:
        return False


def check_name_is_free(launch: LaunchConfig, name: str) -> None:
    """Refuse a name that a study has, before anything is written.

    Raises
    ------
    StorageError
        When the name is taken, or the database cannot be reached.
    """
    with suppress(NoStudiesError), opened_storage(launch, create=False) as store:
        if name in store.study_names():
            raise store.name_is_taken(name)
