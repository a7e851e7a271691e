"""A study as a study file: what differs from the defaults, with comments that say why."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from search_spaces.dimensions import ConstantDimension, Dimension
from service.configuration.study_config import StudyConfig
from service.configuration.toml_text import toml_value
from service.errors import BadInputError
from service.tables.said_column import toml_key


def written_study(config: StudyConfig, *, header: Sequence[str], reasons: Mapping[str, str]) -> str:
    """Write a study file that reads as the study.

    Parameters
    ----------
    config
        The study.
    header
        Lines of the comment that it begins with.
    reasons
        By dotted key, such as `space.width`, why a value is as it is.
    """
    document = config.model_dump(mode="json", exclude_defaults=True, exclude={"space"})
    document = {key: value for key, value in document.items() if value != {}}
    whole = config.model_dump(mode="json")
    for table, key in (dotted.split(".", 1) for dotted in reasons if not dotted.startswith("space.")):
        document.setdefault(table, {})[key] = whole[table][
            key
        ]  # what has a reason is written at its default too
    lines = [f"# {line}" for line in header]
    lines.append("")
    lines += _entries({key: of for key, of in document.items() if not isinstance(of, dict)}, "", reasons)
    for table, entries in document.items():
        if isinstance(entries, dict):
            lines += ["", f"[{table}]", *_entries(entries, f"{table}.", reasons)]
    lines += ["", "[space]"]
    space = {name: _written(dimension) for name, dimension in config.space.dimensions.items()}
    lines += _entries(space, "space.", reasons)
    return "\n".join(lines) + "\n"


def write_new_file(path: Path, text: str) -> None:
    """Write a study file where there is none yet.

    Raises
    ------
    BadInputError
        There is one, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadInputError(f"{path} exists: remove it, or name another file") from None
    except OSError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror}") from error


def _entries(entries: Mapping[str, Any], prefix: str, reasons: Mapping[str, str]) -> Iterator[str]:
    for key, value in entries.items():
        if prefix + key in reasons:
            yield f"# {' '.join(reasons[prefix + key].split())}"
        if value is not None:
            yield f"{toml_key(key)} = {toml_value(value)}"


def _written(dimension: Dimension) -> object:
    """Write a dimension as people do: a plain constant, and no kind if the rest implies it."""
    if isinstance(dimension, ConstantDimension) and not dimension.when:
        return dimension.value
    written = dimension.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
    return {key: _bare(value) for key, value in written.items()}


def _bare(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Leave out what TOML has no word for."""
    if isinstance(value, dict):
        return {key: _bare(of) for key, of in value.items() if of is not None}
    return value
