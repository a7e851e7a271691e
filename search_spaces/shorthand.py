"""Dimensions as people write them: a plain value for a constant, and no kind where it can be told."""

from collections.abc import Mapping

from search_spaces.contradiction import ContradictionError
from search_spaces.fields import Fields


def with_kinds(raw: Mapping[str, object], fields: Fields) -> dict[str, object]:
    """Spell out the kind of each dimension that is written without it.

    Raises
    ------
    ContradictionError
        A name is no hyperparameter; the nearest is offered.
    """
    return {name: _with_kind(name, written, fields) for name, written in raw.items()}


def _with_kind(name: str, written: object, fields: Fields) -> object:
    fields.check_name(name)
    if isinstance(written, list | tuple):
        raise ContradictionError(
            f"expected a choice written as {name} = {{ choices = [...] }}, got a list", (name,)
        )
    if isinstance(written, bool) and set(fields.choices_of(name)) == {"off", "on"}:
        written = "on" if written else "off"
    if not isinstance(written, dict):
        return written if hasattr(written, "kind") else {"kind": "constant", "value": written}
    if "kind" in written:
        return written
    if "choices" in written:
        return {"kind": "categorical", **written}
    if "value" in written:
        return {"kind": "constant", **written}
    return {"kind": "integer" if fields.is_whole(name) else "float", **written}
