"""Completion in a shell: the script that it loads, and the values of arguments and flags.

A shell asks while its user types, so nothing here prints or fails, and imports wait until a value needs them.
"""

from collections.abc import Callable, Iterable
from contextlib import closing, suppress

from click import Command, Context, Parameter
from click.shell_completion import CompletionItem, get_completion_class

SHELLS = ("bash", "zsh", "fish")
"""Shells that there is a script for."""

Completing = Callable[[Context, Parameter, str], list[CompletionItem]]
"""What click calls with the command so far, the parameter, and the beginning of its value."""


def completion_script(shell: str, command: Command) -> str:
    """Return the script that completes `proctor` in one of `SHELLS`.

    It asks the `proctor` on the path each time, so it stays right when commands change.

    Raises
    ------
    ValueError
        For another shell.
    """
    completing = get_completion_class(shell)
    if completing is None:
        raise ValueError(f"expected one of {', '.join(SHELLS)}, got {shell!r}")
    return completing(command, {}, "proctor", "_PROCTOR_COMPLETE").source()


def complete_study(context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a study's name, from the database that the command would work on."""
    return _beginning_with(beginning, _study_names(context.params.get("storage")))


def complete_table(context: Context, parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a file, or a built-in table of which something is typed."""
    from service.tables.table import BUILT_IN_TABLES  # noqa: PLC0415

    tables = _beginning_with(beginning, BUILT_IN_TABLES) if beginning else []
    return [*complete_file(context, parameter, beginning), *tables]


def complete_model(context: Context, parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a model's directory, or a study of which something is typed."""
    studies = complete_study(context, parameter, beginning) if beginning else []
    return [*complete_file(context, parameter, beginning), *studies]


def complete_file(_context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Leave it to the shell, which knows its files."""
    return [CompletionItem(beginning, type="file")]


def complete_kind(_context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a kind of model."""
    from search_spaces.kinds import SPACES  # noqa: PLC0415

    return _beginning_with(beginning, SPACES)


def complete_space(_context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete the name of a built-in search space."""
    from search_spaces.kinds import SPACES  # noqa: PLC0415
    from search_spaces.presets import preset_names  # noqa: PLC0415

    names = {name for space_type in SPACES.values() for name in preset_names(space_type)}
    return _beginning_with(beginning, sorted(names))


def complete_metric(_context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a metric."""
    from workers.metrics.metric import Metric  # noqa: PLC0415

    return _beginning_with(beginning, Metric)


def complete_sampler(_context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a sampler."""
    from service.configuration.search_config import SamplerName  # noqa: PLC0415

    return _beginning_with(beginning, SamplerName)


def complete_pruner(_context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a pruner."""
    from service.configuration.search_config import PrunerName  # noqa: PLC0415

    return _beginning_with(beginning, PrunerName)


def complete_task(_context: Context, _parameter: Parameter, beginning: str) -> list[CompletionItem]:
    """Complete a task."""
    from workers.train_dev_data import Task  # noqa: PLC0415

    return _beginning_with(beginning, Task)


def _beginning_with(beginning: str, words: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(str(word)) for word in words if word.startswith(beginning)]


def _study_names(storage: str | None) -> list[str]:
    """Return all names in a database; none where it cannot be read."""
    from pydantic import ValidationError  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from service.configuration.launch_config import LaunchConfig  # noqa: PLC0415
    from service.errors import ProctorError  # noqa: PLC0415
    from service.study.storage.database_url import parse_url, storage_url  # noqa: PLC0415
    from service.study.storage.study_overviews import engine_for_reading, study_names  # noqa: PLC0415

    with suppress(ProctorError, SQLAlchemyError, ValidationError):
        engine = engine_for_reading(parse_url(storage_url(LaunchConfig(storage=storage))))
        try:
            with closing(engine.connect()) as connection:
                return study_names(connection)
        finally:
            engine.dispose()
    return []
