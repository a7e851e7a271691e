"""The virtual clock against its definition, with all lengths known; more work makes an epoch cost more."""

import heapq
import random
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.network.point import Activation, NetworkPoint, Optimizer
from service.study.search.virtual_clock import VirtualClock, epoch_cost
from tests.service.study.search.plain_clock import PlainClock
from tests.service.study.search.studies import folded_moons, two_moons
from workers.network.epoch_cost import amounts_of_work

Trial = tuple[int, float]
"""Epochs that a trial runs, and the cost of one."""

trials = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from([0.5, 1.0, 1.5, 3.0])), min_size=1, max_size=40
)


def by_definition(lengths: list[Trial], concurrency: int) -> list[tuple[float, list[int]]]:
    """Return each trial's start, and the trials that have ended by then, from all lengths at once."""
    places = [0.0] * concurrency
    ends: list[float] = []
    seen = []
    for epochs, cost in lengths:
        start = heapq.heappop(places)
        by_now = sorted((end, number) for number, end in enumerate(ends) if end <= start)
        seen.append((start, [number for _, number in by_now]))
        ends.append(start + epochs * cost)
        heapq.heappush(places, ends[-1])
    return seen


class TwinClocks(VirtualClock):
    """A clock beside its plain oracle: whatever one says, the other must say."""

    def __init__(self, concurrency: int) -> None:
        super().__init__(concurrency)
        self.plain = PlainClock(concurrency)
        self.n_uncertain = 0

    def next_start(self) -> float | None:
        """Say when, both."""
        instant = super().next_start()
        assert instant == self.plain.next_start()
        self.n_uncertain += instant is None
        awaited = self.awaited()
        assert set(awaited) == self.plain.awaited()
        assert len(set(awaited)) == len(awaited)
        assert super().next_start() == instant  # asking changes nothing
        return instant

    def settle(self, instant: float) -> list[int]:
        """Settle both."""
        ended = super().settle(instant)
        assert ended == self.plain.settle(instant)
        return ended

    def start(self, number: int, epoch_cost: float) -> float:
        """Start on both."""
        self.plain.start(number, epoch_cost)
        return super().start(number, epoch_cost)

    def advance(self, number: int, epochs: int) -> None:
        """Advance both."""
        self.plain.advance(number, epochs)
        super().advance(number, epochs)

    def end(self, number: int, epochs: int) -> float:
        """End on both."""
        end = super().end(number, epochs)
        assert end == self.plain.end(number, epochs)
        return end


def live(
    lengths: list[Trial], clock: VirtualClock, n_workers: int, order: random.Random
) -> list[tuple[float, list[int]]]:
    """Return the same, from a clock that learns of progress in an accidental order."""
    seen: list[tuple[float, list[int]]] = []
    ended_so_far: list[int] = []
    waiting: list[int] = []
    at_work: dict[int, int] = {}
    while len(seen) < len(lengths) or waiting or at_work:
        while len(seen) < len(lengths) and (instant := clock.next_start()) is not None:
            number = len(seen)
            ended_so_far += clock.settle(instant)
            assert clock.start(number, lengths[number][1]) == instant
            seen.append((instant, list(ended_so_far)))
            waiting.append(number)
        while waiting and len(at_work) < n_workers:
            at_work[waiting.pop(0)] = 0
        number = order.choice(sorted(at_work))
        at_work[number] += 1
        if at_work[number] == lengths[number][0]:
            clock.end(number, at_work.pop(number))
        elif order.random() < 0.7:  # a pool may leave progress out
            clock.advance(number, at_work[number])
    return seen


@given(trials, st.integers(1, 6), st.integers(1, 6), st.integers(0, 10**6))
def test_order_is_the_definitions_whatever_the_real_workers_do(
    lengths: list[Trial], concurrency: int, n_workers: int, accident: int
) -> None:
    expected = by_definition(lengths, concurrency)

    assert live(lengths, VirtualClock(concurrency), n_workers, random.Random(accident)) == expected


@given(
    st.lists(st.tuples(st.integers(1, 12), st.floats(0.01, 10)), min_size=30, max_size=80),
    st.integers(1, 20),
    st.integers(1, 20),
    st.integers(0, 10**6),
)
def test_a_start_is_certain_exactly_where_it_is_by_the_rules_as_they_read(
    lengths: list[Trial], concurrency: int, n_workers: int, accident: int
) -> None:
    clocks = TwinClocks(concurrency)

    live(lengths, clocks, n_workers, random.Random(accident))

    assert clocks.n_uncertain > 0  # the end of the first trial, at least, was waited for


def test_a_place_among_twenty_thousand_is_found_without_looking_at_all() -> None:
    concurrency, n_more = 20_000, 2_000
    clock, lengths = VirtualClock(concurrency), random.Random(0)
    epochs = [lengths.randrange(1, 100) for _ in range(concurrency + n_more)]
    began = time.process_time()
    for number in range(concurrency + n_more):
        instant = clock.next_start()
        assert instant is not None
        clock.settle(instant)
        clock.start(number, epoch_cost=1.0)
        clock.end(number, epochs[number])

    assert time.process_time() - began < 2  # looking at all takes over a millisecond a trial more


@given(trials, st.integers(1, 4), st.data())
def test_a_clock_rebuilt_from_starts_and_ends_goes_on_as_if_nothing_had_happened(
    lengths: list[Trial], concurrency: int, data: st.DataObject
) -> None:
    expected = by_definition(lengths, concurrency)
    n_stored = data.draw(st.integers(0, len(lengths)))
    clock = VirtualClock(concurrency)
    seen: list[int] = []
    unfinished = []
    for number in range(n_stored):
        start, _ = expected[number]
        epochs, cost = lengths[number]
        seen += clock.settle(start)
        clock.start(number, cost)
        settled_end = start + epochs * cost
        if settled_end <= expected[n_stored - 1][0] or data.draw(st.booleans()):
            clock.end_at(number, settled_end)
        else:
            unfinished.append(number)
    for number in unfinished:
        clock.end(number, lengths[number][0])
    for number in range(n_stored, len(lengths)):
        instant = clock.next_start()
        assert instant is not None
        seen += clock.settle(instant)
        clock.start(number, lengths[number][1])
        clock.end(number, lengths[number][0])
        assert (instant, seen) == expected[number]


def test_start_is_uncertain_while_a_running_trial_might_end_first() -> None:
    clock = VirtualClock(2)
    clock.start(0, epoch_cost=1.0)
    clock.start(1, epoch_cost=1.0)
    clock.end(0, epochs=3)

    assert clock.next_start() is None
    clock.advance(1, epochs=2)  # it has reached 3.0, and might end there: then it would have to be seen
    assert clock.next_start() is None
    clock.advance(1, epochs=3)
    assert clock.next_start() == 3.0


def test_a_trial_that_stops_in_its_first_epoch_has_run_one() -> None:
    clock = VirtualClock(1)
    clock.start(0, epoch_cost=2.0)

    assert clock.end(0, epochs=0) == 2.0


def test_the_past_cannot_be_changed() -> None:
    clock = VirtualClock(1)
    clock.start(0, epoch_cost=1.0)
    clock.advance(0, epochs=5)

    with pytest.raises(ValueError, match="trial 0 was seen to run beyond"):
        clock.end(0, epochs=4)


def test_a_trial_ends_once() -> None:
    clock = VirtualClock(1)
    clock.start(0, epoch_cost=1.0)
    clock.end(0, epochs=5)

    with pytest.raises(ValueError, match=r"trial 0 was seen to end at 5\.0, so cannot end at 6\.0"):
        clock.end(0, epochs=6)


def test_no_more_trials_run_at_once_than_there_are_places() -> None:
    clock = VirtualClock(1)
    clock.start(0, epoch_cost=1.0)

    with pytest.raises(ValueError, match="trial 1 cannot start: all 1 places are taken"):
        clock.start(1, epoch_cost=1.0)


@pytest.mark.parametrize("epoch_cost", [0.0, -1.0, float("nan")])
def test_an_epoch_that_takes_no_time_is_refused(epoch_cost: float) -> None:
    with pytest.raises(ValueError, match="an epoch's cost must be above 0"):
        VirtualClock(1).start(0, epoch_cost=epoch_cost)


def test_a_clock_without_places_is_refused() -> None:
    with pytest.raises(ValueError, match="concurrency must be at least 1, got 0"):
        VirtualClock(0)


PLAIN = NetworkPoint(width=32, depth=2, batch_size=16, optimizer=Optimizer.SGD)


def with_change(change: dict[str, Any]) -> NetworkPoint:
    return NetworkPoint.model_validate(PLAIN.model_dump() | change)


@pytest.mark.parametrize(
    "change",
    [
        {"width": 64},
        {"depth": 3},
        {"batch_size": 8},
        {"width_1": 128},
        {"activation": "gelu"},
        {"optimizer": "adam"},
        {"batch_normalization": "on"},
        {"feature_scale": "on"},
        {"activation_mix": "on"},
        {"bias_rate": 0.1},
        {"numeric_embedding": "periodic"},
        {"keep_prob": 0.9},
        {"input_keep_prob": 0.9},
        {"l1_lambda": 0.1},
        {"l2_lambda": 0.1},
        {"clip_norm": 1.0},
        {"max_norm": 1.0},
        {"noise_deviation": 0.1},
        {"mixup_alpha": 0.1},
        {"shift_fraction": 0.1},
    ],
    ids=str,
)
def test_more_work_costs_more(change: dict[str, Any]) -> None:
    assert epoch_cost(with_change(change), two_moons()) > epoch_cost(PLAIN, two_moons()) > 0


def test_more_examples_cost_more() -> None:
    assert epoch_cost(PLAIN, two_moons(600, 40)) > epoch_cost(PLAIN, two_moons(60, 40))
    assert epoch_cost(PLAIN, two_moons(60, 4000)) > epoch_cost(PLAIN, two_moons(60, 40))


def test_a_batch_beyond_the_train_set_costs_what_one_as_large_does() -> None:
    whole, beyond = with_change({"batch_size": 60}), with_change({"batch_size": 600})
    assert epoch_cost(whole, two_moons(60, 40)) == epoch_cost(beyond, two_moons(60, 40))


def test_values_that_no_work_hangs_on_cost_nothing() -> None:
    change = {
        "learning_rate": 0.5,
        "learning_rate_schedule": "cosine",
        "label_smoothing": 0.1,
        "init_scheme": "data",
        "bias_init": "data",
    }
    assert epoch_cost(with_change(change), two_moons()) == epoch_cost(PLAIN, two_moons())


def test_folds_cost_their_mean() -> None:
    data = folded_moons(3)
    costs = [epoch_cost(PLAIN, type(data)({PLAIN.input_choices: (fold,)})) for fold in data.first_folds]
    assert epoch_cost(PLAIN, data) == pytest.approx(sum(costs) / 3)


@pytest.mark.parametrize("activation", list(Activation))
def test_matrix_products_are_counted_as_they_are_done(activation: Activation) -> None:
    (data,) = two_moons(60, 40).first_folds
    amounts = amounts_of_work(with_change({"activation": activation}), data)

    # 2 features, 32 and 32 units, 2 classes; to each weight 2 operations an example and product.
    forward = 2 * (2 * 32 + 32 * 32 + 32 * 2)
    backward_to_inputs = 2 * (32 * 32 + 32 * 2)
    assert amounts["flop"] == 60 * (2 * forward + backward_to_inputs) + 40 * forward
    assert amounts[activation.value] == 100 * 64
    assert (amounts["step"], amounts["layer and step"]) == (4, 12)


def test_embeddings_widen_the_first_layer_and_cost_nothing_where_there_are_none() -> None:
    (data,) = two_moons(60, 40).first_folds
    embedding = with_change({"numeric_embedding": "periodic"})
    amounts = amounts_of_work(embedding, replace(data, numeric_features=(1,)))

    # The first layer goes back to the embedding: 3 inputs more than the 2 features.
    forward = 2 * (5 * 32 + 32 * 32 + 32 * 2)
    backward_to_inputs = 2 * (3 * 32 + 32 * 32 + 32 * 2)
    assert amounts["flop"] == 60 * (2 * forward + backward_to_inputs) + 40 * forward
    assert (amounts["number embedded"], amounts["step with embeddings"]) == (3 * 60 + 40, 4)
    without_numbers = replace(data, numeric_features=())
    assert amounts_of_work(embedding, without_numbers) == amounts_of_work(PLAIN, data)
