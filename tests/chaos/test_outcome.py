"""The verdict on a disturbed study tells whatever came out otherwise."""

from dataclasses import replace

import pytest

from tests.chaos.outcome import Outcome, differences

OUTCOME = Outcome(
    trials=[{"number": 0, "value": 0.25, "params": {"width": 4}}, {"number": 1, "value": 0.5, "params": {}}],
    attributes={"winner": {"trial": 0}, "ending": None},
    openings=[(1, 0, {"error": 0.3}, True)],
)


def test_two_of_one_outcome_have_no_differences() -> None:
    assert list(differences(OUTCOME, replace(OUTCOME))) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (replace(OUTCOME, trials=OUTCOME.trials[:1]), "1 trials, expected 2"),
        (
            replace(OUTCOME, trials=[{**OUTCOME.trials[0], "params": {"width": 5}}, OUTCOME.trials[1]]),
            "trial 0 differs in params",
        ),
        (
            replace(OUTCOME, attributes={"winner": {"trial": 1}, "ending": None}),
            "the study's winner differs",
        ),
        (
            replace(OUTCOME, openings=[(1, 0, None, False)]),
            "the ledger has [(1, 0, None, False)], expected [(1, 0, {'error': 0.3}, True)]",
        ),
    ],
)
def test_what_differs_is_named(found: Outcome, told: str) -> None:
    assert list(differences(OUTCOME, found)) == [told]
