"""What a file's rows are predicted with: a model's directory, or a study's winner."""

import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from search_spaces.nearest_word import nearest_word
from service.commands.export import winner_of_study
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.study.storage.database import opened_storage
from service.study.storage.database_url import next_command, shown_storage
from service.study.storage.storage_errors import NoStudiesError
from service.winner.models.model import Model, is_model, read_model


def model_or_winner(place: Path, launch: LaunchConfig) -> Model:
    """Read a model from its directory; or train the winner of the study of that name again.

    Parameters
    ----------
    place
        The directory, or the study's name. A directory that has a model goes first.
    launch
        Where studies are kept.

    Raises
    ------
    BadInputError
        There is neither, the model cannot be read, or the study has no winner yet.
    """
    if is_model(place):
        return read_model(place)
    name, may_be_study = str(place), len(place.parts) == 1 and not place.suffix
    studies = _studies(launch) if may_be_study else []
    if name in studies:
        return winner_of_study(name, launch)
    if place.exists():
        return read_model(place)  # which says what it is instead
    near = nearest_word(name, [*studies, *_models_beside(place)])
    if near is not None:
        how = f"did you mean {shlex.quote(near)}?"
    else:
        shown = shown_storage(launch)
        listing = next_command(shown, "list")
        export = next_command(shown, "export", "STUDY", flags=["-o", "DIRECTORY"])
        how = f"`{listing}` shows the studies, and `{export}` writes the winner of one"
    raise BadInputError(f"no model{' or study' if may_be_study else ''} {name!r}; {how}")


def _studies(launch: LaunchConfig) -> list[str]:
    with suppress(NoStudiesError), opened_storage(launch, create=False) as store:
        return store.study_names()
    return []


def _models_beside(place: Path) -> Iterator[str]:
    """Yield the models in a path's directory, as paths like that one."""
    with suppress(OSError, BadInputError):
        for beside in place.parent.iterdir():
            if is_model(beside):
                yield str(place.with_name(beside.name))
