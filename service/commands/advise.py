"""What a study says to do next, and the study file that does it."""

from pathlib import Path
from typing import NamedTuple

from service.advice.advised_steps import StepKind
from service.advice.next_study import next_name, next_study
from service.advice.rounds import best_round
from service.advice.study_diagnosis import StudyDiagnosis, diagnose_study
from service.commands.ended_study import check_ended, who_continues
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import RoundsConfig
from service.configuration.study_writing import write_new_file, written_study
from service.errors import BadInputError
from service.shell_command import REASON, path_word
from service.study.storage.database import opened_storage
from service.study.storage.database_url import next_command
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_store import StudyStore


class Advised(NamedTuple):
    """What a study says.

    Attributes
    ----------
    study, diagnosis
        The study, and its diagnosis.
    written
        The step that the study file takes which was written; None where none was.
    writing
        The command that writes one; None where that was done, or there is none to be written.
    """

    study: StoredStudy
    diagnosis: StudyDiagnosis
    written: StepKind | None
    writing: str | None


def advise_study(name: str, launch: LaunchConfig, path: Path | None) -> Advised:
    """Diagnose a study, and write the study file that this advises, with comments that say why.

    Parameters
    ----------
    name
        The study; the first of several rounds stands for the best of them once they have ended.
    launch
        Where it is kept.
    path
        The study file, to be made; None for none.

    Raises
    ------
    BadInputError
        When there is no such study; or a file is asked for, and the study has not ended, no advised step is
        one that a search can take, or the file exists or cannot be written.
    """
    with opened_storage(launch, create=False) as store:
        asked = load_study(store, name)
        study = best_round(store, asked)
        diagnosis = diagnose_study(study)
        if path is None:
            can_be_written = study.is_over and diagnosis.gaps is not None
            can_be_written = can_be_written and next_study(study, diagnosis, name="next") is not None
            writing = next_command(store.shown_url, "advise", name, flags=["--write", "next.toml"])
            return Advised(study, diagnosis, None, writing if can_be_written else None)
        check_ended(asked, store, rule="advice is based on all trials")
        return Advised(study, diagnosis, _write_next_study(study, diagnosis, store, path), None)


def _write_next_study(
    study: StoredStudy, diagnosis: StudyDiagnosis, store: StudyStore, path: Path
) -> StepKind:
    """Write the file of the next study, under a name that is not taken; return the step that it takes."""
    name = study.config.name
    if diagnosis.gaps is None:
        raise BadInputError(
            f"study {name!r} has no diagnosis yet: its winner has not been measured;"
            f" {who_continues(store, name)}"
        )
    name_of_next = next_name(name)
    taken = store.study_names()
    while name_of_next in taken:
        name_of_next = next_name(name_of_next)
    following = next_study(study, diagnosis, name=name_of_next)
    if following is None:
        raise BadInputError(f"{path} is not written: a search can take none of the advised steps")
    header = [
        f"The next study that study {name} advises: {following.step}.",
        "The split, and with it the test set, stays the same; the search begins with the best points so far.",
        "If a study has opened that test set, this one's test figure stays hidden. To see it all the same:",
        next_command(store.shown_url, "run", path_word(path), flags=["--look-again", REASON]),
    ]
    config = following.config.model_copy(update={"rounds": RoundsConfig(), "contest": ()})
    write_new_file(path, written_study(config, header=header, reasons=following.reasons))
    return following.step
