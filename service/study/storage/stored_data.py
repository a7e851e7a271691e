"""A stored study's data once more: wherever its tables are now, they have the rows that it began with."""

from service.configuration.study_config import ResolvedStudy
from service.data.preparation.prepared_data import PreparedData, prepare_data
from service.errors import BadInputError
from service.seal.splits import Split
from service.study.storage.stored_study import StoredStudy


def prepare_again(study: StoredStudy) -> PreparedData:
    """Prepare a stored study's data; others than it began with are refused."""
    prepared = prepare_data(config_here(study), decided=study.train_dev)
    check_data(study, prepared.split)
    return prepared


def config_here(study: StoredStudy) -> ResolvedStudy:
    """Return a stored study with its tables where they are on this machine."""
    return study.config.model_copy(update={"data": study.config.data.with_moved_files()})


def check_data(study: StoredStudy, sets: Split) -> None:
    """Refuse to go on with other data than a study began with.

    Raises
    ------
    BadInputError
        With the fingerprints then and now.
    """
    pairs = {
        "test set": (study.test_fingerprint or "none", sets.test.fingerprint if sets.test else "none"),
        "train and dev set": (study.known_fingerprint, sets.known_fingerprint),
    }
    for name, (then, now) in pairs.items():
        if then != now:
            raise BadInputError(
                f"study {study.config.name!r} cannot go on: {study.config.data.table} has changed since it"
                f" began; fingerprint of the {name} then {then[:12]}, now {now[:12]}"
            )
