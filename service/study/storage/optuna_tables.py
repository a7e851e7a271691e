"""Optuna's tables, as SQLAlchemy knows them. Its models are private: all that is used of them is named here.

What is locked: whoever writes to a study holds the study's row until the transaction ends.
"""

from importlib.metadata import version

from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from sqlalchemy import bindparam
from sqlalchemy.engine import Connection

from service.study.storage.database_url import storage_argument
from service.study.storage.storage_errors import StorageError

studies = models.StudyModel.__table__
directions = models.StudyDirectionModel.__table__
study_attributes = models.StudyUserAttributeModel.__table__
study_system_attributes = models.StudySystemAttributeModel.__table__
trials = models.TrialModel.__table__
params = models.TrialParamModel.__table__
values = models.TrialValueModel.__table__
intermediate_values = models.TrialIntermediateValueModel.__table__
attributes = models.TrialUserAttributeModel.__table__
heartbeats = models.TrialHeartbeatModel.__table__
system_attributes = models.TrialSystemAttributeModel.__table__

ValueType = models.TrialValueModel.TrialValueType
IntermediateValueType = models.TrialIntermediateValueModel.TrialIntermediateValueType

_SCHEMA_HERE: list[str] = []

# An update that changes nothing takes the lock on every kind of database; SQLite has no SELECT FOR UPDATE.
_LOCK = (
    studies.update()
    .where(studies.c.study_name == bindparam("of_name"))
    .values(study_name=studies.c.study_name)
    .returning(studies.c.study_id)
)


def locked_study(connection: Connection, name: str) -> int | None:
    """Let no other process write to a study until the transaction ends; return its key, if it is there."""
    study_id: int | None = connection.execute(_LOCK, {"of_name": name}).scalar_one_or_none()
    return study_id


def check_schema(storage: RDBStorage, shown_url: str) -> None:
    """Refuse tables of another schema: Optuna's own command upgrades older ones.

    Raises
    ------
    StorageError
        With that command, or the advice to upgrade Optuna instead.
    """
    found, expected = storage.get_current_version(), _schema_here(storage)
    if found == expected:
        return
    remedy = (
        f"`optuna storage upgrade --storage {storage_argument(shown_url)}` upgrades them"
        if found in storage.get_all_versions()
        else "a newer Optuna made them: upgrade Optuna to use them"
    )
    raise StorageError(
        f"storage {shown_url}: its tables have Optuna's schema {found}, Optuna {version('optuna')} has"
        f" {expected}: {remedy}"
    )


def _schema_here(storage: RDBStorage) -> str:
    """Return the schema of the Optuna that is installed; asked for once, as it reads all migrations."""
    if not _SCHEMA_HERE:
        _SCHEMA_HERE.append(storage.get_head_version())
    return _SCHEMA_HERE[0]
