"""The database that a command works on: the one named, or `proctor.db` in the working directory."""

import os
from contextlib import closing

from service.configuration.launch_config import LaunchConfig
from service.seal.ledger import Ledger
from service.study.storage.database_failures import told_as_storage_errors
from service.study.storage.database_url import check_file_can_be_made, parse_url
from service.study.storage.leases.table import create_leases
from service.study.storage.next_command import storage_url
from service.study.storage.storage_errors import NoStudiesError, StorageError
from service.study.storage.study_store import StudyStore, name_is_taken


def storage_flag(shown_url: str) -> str:
    """Return the flag that names a database, where the next command would not find it without.

    Parameters
    ----------
    shown_url
        The database's URL, without a password.
    """
    is_found = shown_url == storage_url(LaunchConfig()) or "PROCTOR_STORAGE" in os.environ
    return "" if is_found else f" --storage {shown_url}"


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
            Ledger(store.engine).create_table()
            create_leases(store.engine)
    return store


def prepare_storage(launch: LaunchConfig) -> str:
    """Make the tables of studies and ledger where they are missing; return the URL without a password."""
    with closing(open_storage(launch, create=True)) as store:
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
        store = open_storage(launch, create=False)
    except NoStudiesError:
        return False
    try:
        return name in store.study_names()
    finally:
        store.close()


def check_name_is_free(launch: LaunchConfig, name: str) -> None:
    """Refuse a name that a study has, or had when its test set was opened, before anything is written.

    The ledger outlives a study that is deleted: a new one of its name would take the old one's looks for its
    own.

    Raises
    ------
    StorageError
        When the name is taken, or the database cannot be reached.
    """
    try:
        store = open_storage(launch, create=False)
    except NoStudiesError:
        return
    try:
        if name in store.study_names():
            raise name_is_taken(name, store.shown_url)
        looks = Ledger(store.engine).looks(name)
    finally:
        store.close()
    if looks:
        raise StorageError(
            f"a study {name!r} was here, and its test set was opened {looks[0].opened_at:%Y-%m-%d %H:%M} UTC:"
            " the ledger remembers it; --name NAME begins another"
        )
