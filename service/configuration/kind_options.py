"""Options that only some kinds of a thing have, and their defaults, which depend on the kind."""

from collections.abc import Mapping

from pydantic import BaseModel

from search_spaces.contradiction import ContradictionError
from search_spaces.values import found

KindOptions = Mapping[str, Mapping[str, object]]
"""By kind, the options that it has, with their defaults; None where it must be given."""


def with_defaults(written: object, options: KindOptions, *, default_kind: str) -> object:
    """Give the options that are left out the defaults of the kind that is written.

    What is no table, or of no kind that there is, passes as it is: pydantic says what is wrong with it.
    """
    if not isinstance(written, dict):
        return written
    kind = written.get("kind", default_kind)
    defaults = options.get(kind, {}) if isinstance(kind, str) else {}
    left_out = {name: value for name, value in defaults.items() if written.get(name) is None}
    return written | left_out


def check_options(config: BaseModel, kind: str, options: KindOptions) -> None:
    """Refuse options that the kind does not have, and one that it must have where it is missing.

    Raises
    ------
    ContradictionError
        Naming the option, and those that the kind has.
    """
    allowed = options[kind]
    for name in type(config).model_fields:
        value = getattr(config, name)
        if name == "kind" or (name in allowed) == (value is not None):
            continue
        if name in allowed:
            raise ContradictionError(f"{kind} needs {name}: it has no default", (name,))
        has = f"it has {', '.join(allowed)}" if allowed else "it has none"
        raise ContradictionError(f"{kind} has no such option; {has}; found {found(value)}", (name,))
