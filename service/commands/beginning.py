"""A study before anything slow is imported: its data, read and checked, and its first line.

What runs it takes longer to import than a small table takes to read. Nothing here imports Optuna,
SQLAlchemy, scikit-learn or Ray.
"""

import os
import sys
from contextlib import suppress

from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig, check_task, contest_names, round_name
from service.data.preparation.own_model import model_source
from service.data.preparation.prepared_data import PreparedData, read_known
from service.data.preparation.space_fit import check_space_fits
from service.report.wording.study_line import study_line
from service.study.search.sampler_packages import check_packages
from service.study.storage.new_study_file import has_place_for


def checked_data(config: StudyConfig) -> PreparedData:
    """Read a new study's data, and check that the study fits them; in a contest, each kind's study.

    Parameters
    ----------
    config
        The study.

    Raises
    ------
    BadInputError
        They cannot be read, or do not fit.
    """
    check_packages(config.sampler.kind)
    model_source(config)  # refused before a table is read, which may take long
    known = read_known(config)
    prepared = known.prepared()
    for space in config.spaces:
        choices = space.input_choices()[0]
        is_made = choices == prepared.first_choices
        check_space_fits(space, prepared.train_dev if is_made else known.first_fold(choices))
    check_task(config, prepared.split.task)
    return prepared


def names_of(config: StudyConfig) -> list[str]:
    """Return the names of a new study and of those that may follow: rounds, or a contest's other kinds."""
    if config.contest:
        return contest_names(config.name, config.kinds)
    return [round_name(config.name, number) for number in range(1, config.rounds.count + 1)]


def first_line(config: StudyConfig, prepared: PreparedData) -> str:
    """Say what a new study is about."""
    return study_line(
        name=config.name,
        table=config.data.table,
        task=prepared.split.task,
        target=prepared.target,
        n_examples=prepared.n_examples,
        is_sealed=prepared.split.test is not None,
    )


def print_first_line(config: StudyConfig, launch: LaunchConfig, prepared: PreparedData) -> bool:
    """Print a new study's first line; tell whether it is printed.

    It is not where something may still refuse the study: a database or a cluster that is named.
    """
    if launch.address is not None or not has_place_for(launch, names_of(config)):
        return False
    with suppress(OSError):  # nobody reads it any more, as `service.report.terminal.quiet_streams` has it
        sys.stdout.flush()
        os.write(1, f"{first_line(config, prepared)}\n".encode(errors="backslashreplace"))
    return True
