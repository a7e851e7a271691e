"""A trial's lifecycle is its table: legal moves lead where it says, all others are errors."""

from itertools import product

import pytest

from service.study.search.trial_lifecycle import TRANSITIONS, Event, IllegalMoveError, State, move
from tests.house.checkout import ROOT


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_pair_of_state_and_event_is_in_the_table_or_an_error(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert move(state, event, number=7) is TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalMoveError, match=f"trial 7 is {state}: it cannot be {event}"):
            move(state, event, number=7)


def test_nothing_leads_out_of_an_end_and_everything_leads_to_one() -> None:
    ends = {state for state in State if state.is_ended}
    assert ends == {State.COMPLETE, State.PRUNED, State.FAILED}
    assert not {state for state, _ in TRANSITIONS} & ends
    assert set(TRANSITIONS.values()) >= ends


def test_the_architecture_shows_this_very_table() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()]
    shown = {
        (row[0], row[1]): row[2]
        for row in rows
        if len(row) == 4 and row[0] in {state.value for state in State}
    }
    assert shown == {(state.value, event.value): after.value for (state, event), after in TRANSITIONS.items()}
