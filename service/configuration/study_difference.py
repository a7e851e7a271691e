"""What a study as it is written has otherwise than the one that is kept under its name."""

import json
from collections.abc import Iterator, Mapping

from service.configuration.study_config import ResolvedStudy, StudyConfig, resolve


def first_difference(written: StudyConfig, kept: ResolvedStudy) -> str | None:
    """Name the first setting that differs, with both values; None where the studies are the same.

    What is left open is no difference, nor is a table's directory: its rows are compared when it is read.

    Parameters
    ----------
    written
        The study, as a study file or flags have it.
    kept
        The study that is kept.
    """
    chosen: dict[str, object] = {"metric": written.metric or kept.metric}
    if written.data.log_target is None:
        chosen["data"] = written.data.model_copy(update={"log_target": kept.data.log_target})
    # A table without dates leaves out what only dates have; the table is not read here.
    has_dates = any(name in kept.space.dimensions for name in kept.space.fields.only_dates_have)
    resolved = resolve(
        written.model_copy(update=chosen), task=kept.data.task, class_counts=(), has_dates=has_dates
    )
    ours, theirs = _settings(resolved), _settings(kept)
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        if ours.get(key) != theirs.get(key):
            return f"{key} = {json.dumps(theirs.get(key))}, got {json.dumps(ours.get(key))}"
    return None


def _settings(config: StudyConfig) -> dict[str, object]:
    """Return all settings by their dotted keys; of tables that are files, the names alone."""
    names = {key: path.name for key, path in config.data.files().items()}
    named = config.model_copy(update={"data": config.data.model_copy(update=names)})
    # A changed file of the user's own model is told, and does not stand in the way.
    return dict(_flat(named.model_dump(mode="json", exclude={"model": {"sha256"}})))


def _flat(document: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
