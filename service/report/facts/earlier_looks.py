"""Why a test figure is sealed where other studies opened the test set: who, when, and what opens it."""

import shlex
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from service.advice.rounds.chain import Chain
from service.seal.openings import Look

_MOST_NAMED = 3


class EarlierLooks(BaseModel):
    """What keeps a study's test figure sealed: other studies opened the test set, and this one did not."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_looks: int
    """How often other studies opened it."""

    sentence: str
    """Which studies did, and when (UTC), in a sentence without a full stop."""

    unseal: str
    """The command that opens it all the same, once the search is done; it needs a reason."""


def earlier_looks(chain: Chain, looks: Sequence[Look]) -> EarlierLooks | None:
    """Return what keeps a study from its test set; None where nobody looked, or the study did itself.

    Parameters
    ----------
    chain
        The study, with its rounds, which are no others.
    looks
        All looks at its test set, in the order of their opening.
    """
    own = {study.config.name for study in chain.studies}
    if not looks or any(look.study_name in own for look in looks):
        return None
    opened = (chain.ending or {}).get("winner", chain.first.config.name)
    return EarlierLooks(
        n_looks=len(looks),
        sentence=f"this test set was opened before, {_who_and_when(looks)}",
        unseal=f'proctor unseal {shlex.quote(opened)} --look-again "REASON"',
    )


def _who_and_when(looks: Sequence[Look]) -> str:
    """Name each look where they are few, else the first and the last."""
    n = len(looks)
    if n > _MOST_NAMED:
        return f"{n:,} times: first by {_named(looks[0])}, last by {_named(looks[-1])}"
    times = {1: "once", 2: "twice"}.get(n, f"{n} times")
    return f"{times}: {', '.join(f'by {_named(look)}' for look in looks)}"


def _named(look: Look) -> str:
    without = "" if look.is_finished else ", without a figure"
    return f"study {look.study_name} ({look.opened_at:%Y-%m-%d %H:%M} UTC{without})"
