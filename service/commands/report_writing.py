"""A study's report put where people find it: into a file, and into optuna-dashboard as a note.

What draws pages is imported when one is drawn: no other command waits for it. A note that a person has
written, or changed, is left alone: ours is known by the hash that is kept beside it.
"""

from hashlib import sha256
from pathlib import Path

from optuna.storages import BaseStorage

from service.advice.rounds import best_round
from service.commands.study_run import RunDisplay
from service.configuration.launch_config import LaunchConfig
from service.errors import ProctorError
from service.report.facts.report_contents import gather_contents
from service.report.facts.study_report import StudyReport
from service.study.storage.database import opened_storage
from service.study.storage.database_failures import told_as_storage_errors
from service.study.storage.database_url import next_command
from service.study.storage.stored_study import load_study
from service.study.storage.study_store import StudyStore

_VERSION = "dashboard:note_ver"
_PART = "dashboard:note_str:"
_OURS = "proctor:note"
_LONGEST = 2045
"""Characters of a part, as optuna-dashboard cuts them: what its databases hold in a value."""


def keep_report(report: StudyReport, store: StudyStore, display: RunDisplay, *, with_page: bool) -> None:
    """Write the dashboard's note and the report's page; the study is at its end, also where that fails.

    Parameters
    ----------
    report
        The study's.
    store
        Where it is kept.
    display
        Gets the page's path, or the reason why there is no page.
    with_page
        Whether there is to be one, in the working directory.
    """
    from service.report.page.markdown import dashboard_note  # noqa: PLC0415 (as the module says)
    from service.report.page.report_file import default_path, write_report  # noqa: PLC0415

    try:
        with told_as_storage_errors(store.engine.url):
            write_dashboard_note(store.optuna_storage, report.study, dashboard_note(report))
    except ProctorError as error:
        display.warn(f"{error}; optuna-dashboard has no new note on the study")
    if not with_page:
        return
    try:
        path = default_path(report.study).resolve()
        write_report(gather_contents(load_study(store, report.study), store, report=report), path)
        display.page_written(path)
    except ProctorError as error:
        again = next_command(store.shown_url, "report", report.study)
        display.warn(f"{error}; `{again}` writes the report again")


def write_page(name: str, launch: LaunchConfig, path: Path | None = None) -> Path:
    """Write a study's report to a file, and return its place.

    Parameters
    ----------
    name
        The study; the first of several rounds stands for the best of them once they have ended.
    launch
        Where it is kept.
    path
        The file; by its ending a page, Markdown or JSON. None for the page's usual place.

    Raises
    ------
    BadInputError
        When there is no such study, the ending is another, or the place cannot be written.
    """
    from service.report.page.report_file import (  # noqa: PLC0415
        default_path,
        report_kind,
        write_report,
    )

    with opened_storage(launch, create=False) as store:
        study = best_round(store, load_study(store, name))
        path = default_path(study.config.name).resolve() if path is None else path
        report_kind(path)
        write_report(gather_contents(study, store), path)
    return path


def write_dashboard_note(storage: BaseStorage, study: str, body: str) -> bool:
    """Write a study's note, unless there is one that is not ours.

    Parameters
    ----------
    storage
        Optuna's.
    study
        The study's name.
    body
        Markdown.

    Returns
    -------
    bool
        Whether it is there now.
    """
    study_id = storage.get_study_id_from_name(study)
    attributes = storage.get_study_system_attrs(study_id)
    n_parts = sum(key.startswith(_PART) for key in attributes)
    there = "".join(attributes[f"{_PART}{place}"] for place in range(n_parts))
    if there == body:
        return True
    ours = _hash(there) in attributes.get(_OURS, "").split()
    if there and not ours:
        return False
    parts = [body[start : start + _LONGEST] for start in range(0, len(body), _LONGEST)]
    parts += [""] * (n_parts - len(parts))
    # Both are ours until the new one is whole: a process that dies in between leaves no stranger's note.
    storage.set_study_system_attr(study_id, _OURS, f"{_hash(there)} {_hash(body)}")
    storage.set_study_system_attr(study_id, _VERSION, attributes.get(_VERSION, 0) + 1)
    for place, part in enumerate(parts):
        storage.set_study_system_attr(study_id, f"{_PART}{place}", part)
    return True


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
