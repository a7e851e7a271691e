"""Names of studies as they are now, in what was written down when a study was called otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.configuration.study_config import plain_name
from service.seal.identity import StudyIdentity
from service.shell_command import with_flags
from service.study.storage.identities import place_of

ORIGIN, STUDY = "origin", "study"
"""Keys of an enqueued point: where it comes from, and what finds the study that is named there."""


def command_under(command: str, name: str) -> str:
    """Return the command that gives a study again, under the name that the study has now.

    Parameters
    ----------
    command
        What gave it; one that was fitted from Python has none, and it stays as it is.
    name
        The name, or what comes closest to it where another tool gave one that no new study may have.
    """
    return with_flags(command, {"--name": plain_name(name)})


def place_of_origin(study: StudyIdentity) -> dict[str, Any]:
    """Return what an enqueued point keeps of the study that it comes from."""
    return {STUDY: place_of(study)}


def present_names(
    enqueued: Sequence[Mapping[str, Any]], identities: Mapping[str, StudyIdentity]
) -> dict[str, str]:
    """Return what studies are called now that points come from, by what they were called then.

    Parameters
    ----------
    enqueued
        A study's enqueued points, as they are stored. A study that is there no more keeps its old name.
    identities
        All studies of the database.
    """
    found = {}
    for point in enqueued:
        if STUDY in point:
            owners = (each.name for each in identities.values() if each.owns(**point[STUDY]))
            found[point[ORIGIN]] = next(owners, point[ORIGIN])
    return found


def with_present_origin(point: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return an enqueued point with the present name of the study that it comes from."""
    return {**point, ORIGIN: names[point[ORIGIN]]} if STUDY in point else dict(point)
