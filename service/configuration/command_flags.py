"""Flags of `proctor run`, and the same words from Python: the study that they make, and the command."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig, contest_names
from service.configuration.study_file import CONTEST, read_study_file, study_from_flags
from service.configuration.study_writing import toml_value
from service.errors import BadInputError
from service.shell_command import path_word, shell_command

_PLACES = {"storage", "storage_patience", "workers", "address", "wait_for_workers"}
_KEYS = {
    "target": "data.target",
    "task": "data.task",
    "sheet": "data.sheet",
    "dev_table": "data.dev_table",
    "test_table": "data.test_table",
    "no_test": "split.no_test",
    "folds": "split.folds",
    "refit": "confirmation.refit",
    "equal_rows": "split.equal_rows",
    "train_dev": "split.train_dev",
    "model": "model.kind",
    "estimator": "model.estimator",
    "learner": "model.learner",
    "inputs": "model.inputs",
    "max_epochs": "training.max_epochs",
    "patience": "training.patience",
    "sampler": "sampler.kind",
    "pruner": "pruner.kind",
    "epochs": "budget.epochs",
    "seconds": "budget.seconds",
    "dev_metric": "budget.dev_metric",
    "no_gain": "budget.no_gain_trials",
    "confirm": "confirmation.finalists",
    "confirm_seeds": "confirmation.seeds",
    "ensemble": "confirmation.ensemble",
    "rounds": "rounds.count",
    "trial_seconds": "limits.seconds",
    "trial_memory": "limits.memory_megabytes",
    "storage": "launch.storage",
    "storage_patience": "launch.storage_patience",
    "workers": "launch.workers",
    "address": "launch.address",
    "wait_for_workers": "launch.wait_for_workers",
}
"""Keys of the study file that flags stand for, where they are not the flag's own name."""


def study_of(source: str, flags: Mapping[str, object]) -> tuple[StudyConfig, LaunchConfig]:
    """Return the study that a table, or a study file, and flags make, and where it runs.

    Parameters
    ----------
    source
        A built-in table, a table's file, or a study file (.toml), which flags go before.
    flags
        Values by the flags' names, with underscores; None and False where one is not given.

    Raises
    ------
    BadInputError
        They make none.
    """
    given = _with_contest(overrides(flags))
    if source.endswith(".toml"):
        config, launch = read_study_file(Path(source), given)
    else:
        config, launch = study_from_flags({"data.table": source, **given})
    if config.contest:
        config = config.model_copy(update={"name": contest_names(config.name, config.kinds)[0]})
    return config, launch


def _with_contest(given: dict[str, object]) -> dict[str, object]:
    """Read several kinds of model, separated by commas, as a contest; a single one is none."""
    written = given.get(_KEYS["model"])
    if not isinstance(written, str):
        return given
    kinds = [kind.strip() for kind in written.split(",")]
    return given | {_KEYS["model"]: kinds[0], CONTEST: kinds if len(kinds) > 1 else []}


def check_reason(reason: str) -> None:
    """Refuse a reason to look again that has no words.

    Raises
    ------
    BadInputError
        It has none.
    """
    if not reason.strip():
        raise BadInputError("--look-again: expected a reason in words, got none")


def check_look_again(config: StudyConfig, *, keep_sealed: bool, look_again: str | None) -> None:
    """Refuse a reason to look again that has no words, or nothing to open.

    Raises
    ------
    BadInputError
        With what contradicts it.
    """
    if look_again is None:
        return
    check_reason(look_again)
    if keep_sealed or config.split.no_test:
        other = "--keep-sealed" if keep_sealed else "no_test"
        raise BadInputError(
            f"--look-again opens the test set, {other} does not: expected one of them, got both"
        )


def command_of_run(source: str, flags: Mapping[str, object], *, seed: int) -> str:
    """Return the command that runs the study again; its concurrency is added where it is known."""
    given = {flag: value for flag, value in _given(flags).items() if flag not in _PLACES}
    given["seed"] = seed
    given.pop("concurrency", None)
    words = [word for flag, value in given.items() for word in _words(flag, value)]
    return shell_command("run", path_word(source), flags=words)


def overrides(flags: Mapping[str, object]) -> dict[str, object]:
    """Return the values of flags that were given, by the study file's keys.

    A space may be a table, written as in TOML: `{ max_depth = { low = 2, high = 12 } }`.
    """
    given = {_KEYS.get(flag, flag): value for flag, value in _given(flags).items()}
    space = given.get("space")
    if isinstance(space, str) and space.lstrip().startswith("{"):
        try:
            given["space"] = tomllib.loads(f"space = {space}")["space"]
        except tomllib.TOMLDecodeError as error:
            raise BadInputError(f"--space: expected a name or a table as in TOML: {error}") from None
    return given


def _given(flags: Mapping[str, object]) -> dict[str, object]:
    """Return the flags that were given; 0 is a value."""
    return {flag: value for flag, value in flags.items() if value is not None and value is not False}


def _words(flag: str, value: object) -> tuple[str, ...]:
    """Write a flag as it stands on the command line."""
    name = f"--{flag.replace('_', '-')}"
    if isinstance(value, Mapping):
        return name, toml_value(value)
    return (name,) if value is True else (name, str(value))
