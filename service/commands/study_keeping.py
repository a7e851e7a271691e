"""Studies as things that people keep: renamed, copied, archived, deleted; their rounds go along."""

from collections.abc import Sequence
from contextlib import suppress

from service.advice.rounds import names_of_rounds
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import contest_names, round_name, rule_against, rule_against_round
from service.errors import BadInputError
from service.study.storage.database import opened_storage
from service.study.storage.storage_errors import OtherVersionError
from service.study.storage.study_format import ARCHIVED, check_format, kinds_in
from service.study.storage.study_keeping import archive_studies, copy_studies, delete_studies, rename_studies
from service.study.storage.study_store import StudyStore


def rename_study(name: str, new_name: str, launch: LaunchConfig) -> str:
    """Give a study, and its rounds, another name, and return it: in a contest it ends in a kind of model.

    Raises
    ------
    BadInputError
        There is no such study, it is a later round, it is running, or a new name is taken.
    """
    with opened_storage(launch, create=False) as store:
        names = _renamed(store, _with_rounds(store, name), new_name)
        rename_studies(store, names)
        return names[name]


def copy_study(name: str, new_name: str, launch: LaunchConfig) -> str:
    """Copy a study, and its rounds, under another name, and return that as `rename_study` does.

    Raises
    ------
    BadInputError
        As `rename_study`.
    """
    with opened_storage(launch, create=False) as store:
        names = _renamed(store, _with_rounds(store, name), new_name)
        copy_studies(store, names)
        return names[name]


def archive_study(name: str, launch: LaunchConfig, *, is_archived: bool) -> None:
    """Put a study and its rounds away from the list of studies, or back into it.

    Raises
    ------
    BadInputError
        There is no such study, it is a later round, or it is running and was to be put away.
    """
    with opened_storage(launch, create=False) as store:
        names = _with_rounds(store, name)
        if is_archived:
            archive_studies(store, names)
            return
        for each in names:
            store.set_attribute(each, ARCHIVED, value=False)


def to_be_deleted(name: str, launch: LaunchConfig) -> tuple[Sequence[str], int]:
    """Return what `delete_study` would delete, the study and its rounds, and how many openings it leaves.

    Raises
    ------
    BadInputError
        There is no such study, or it is a later round.
    """
    with opened_storage(launch, create=False) as store:
        names, ledger, identities = _with_rounds(store, name), store.ledger(), store.identities()
        return names, sum(len(ledger.looks(identities[each])) for each in names if each in identities)


def delete_study(name: str, launch: LaunchConfig) -> None:
    """Delete a study with its rounds; the ledger keeps its openings.

    Raises
    ------
    BadInputError
        There is no such study, it is a later round, or it is running.
    """
    with opened_storage(launch, create=False) as store:
        delete_studies(store, _with_rounds(store, name))


def _with_rounds(store: StudyStore, name: str) -> list[str]:
    """Return a study's name, and those of its later rounds."""
    with suppress(OtherVersionError):  # which is deleted all the same
        check_format(name, store.attributes(name))
    first, *later = names_of_rounds(store, name)
    if first != name and kinds_in(store.attributes(first)):
        raise BadInputError(f"study {name!r} is in the contest of study {first!r}: expected the name of that")
    if first != name:
        raise BadInputError(f"study {name!r} is a round of study {first!r}: expected the name of the first")
    return [first, *later]


def _renamed(store: StudyStore, names: Sequence[str], new_name: str) -> dict[str, str]:
    """Return the new names of a study and its rounds, by the old ones."""
    if rule := rule_against(new_name) or rule_against_round(new_name):
        raise BadInputError(f"the new name: {rule}")
    if kinds := kinds_in(store.attributes(names[0])):
        return dict(zip(names, contest_names(new_name, kinds), strict=False))  # some may not have begun
    return {old: round_name(new_name, number) for number, old in enumerate(names, 1)}
