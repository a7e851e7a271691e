"""Whether a database's tables are those of the Optuna that is installed, and what to do if they are not."""

from importlib.metadata import version

from optuna.storages import RDBStorage

from service.study.storage.storage_errors import StorageError


def check_schema(storage: RDBStorage, shown_url: str) -> None:
    """Refuse tables of another schema: Optuna's own command upgrades older ones.

    Raises
    ------
    StorageError
        With that command, or the advice to upgrade Optuna instead.
    """
    found, expected = storage.get_current_version(), storage.get_head_version()
    if found == expected:
        return
    remedy = (
        f"`optuna storage upgrade --storage {shown_url}` upgrades them"
        if found in storage.get_all_versions()
        else "a newer Optuna made them, and goes on with them"
    )
    raise StorageError(
        f"storage {shown_url}: its tables have Optuna's schema {found}, Optuna {version('optuna')} has"
        f" {expected}: {remedy}"
    )
