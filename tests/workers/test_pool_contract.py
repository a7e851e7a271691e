"""What every pool promises: legal events, one end a trial, and the bits of a trial that runs alone."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from benchmarks.simulated_pool import Script, ScriptedRun, SimulatedPool
from search_spaces.network.point import NetworkPoint, Optimizer
from tests.workers.train_dev_sets import few_folds, few_numbers, rules
from workers.messages import (
    Ending,
    Event,
    FoldThreshold,
    Threshold,
    TrialAdvanced,
    TrialEnded,
    TrialRequest,
    TrialStarted,
)
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool
from workers.pools.starting_pool import StartingPool
from workers.train_dev_data import Task
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

POOLS = [
    *("in-process-1", "in-process-3", "simulated-1", "simulated-3"),
    *("starting-here-1", "starting-2", "ray-1", "ray-2"),
]


ONE, FOLDS = TrialData.single(few_numbers()), few_folds(3)


def make_pool(kind: str, request: pytest.FixtureRequest, data: TrialData = ONE) -> WorkerPool:
    name, _, n_workers = kind.rpartition("-")
    if name == "in-process":
        return InProcessPool(data, n_workers=int(n_workers))
    if name == "simulated":
        return SimulatedPool(as_it_really_goes(data), n_workers=int(n_workers))
    address = request.getfixturevalue("ray_address")
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    def start(is_given_up: Callable[[], bool]) -> RayPool:
        return RayPool(data, n_workers=int(n_workers), address=address, is_given_up=is_given_up)

    if name.startswith("starting"):
        worth = float("inf") if name == "starting-here" else 0.0
        return StartingPool(
            data, start, n_workers=int(n_workers), n_trials=10, worth_seconds=worth, goes_without=print
        )
    return RayPool(data, n_workers=int(n_workers), address=address)


def as_it_really_goes(data: TrialData) -> Script:
    """Give the script of trials that end as they do alone, a second an epoch."""

    def script(request: TrialRequest, n_before: int) -> ScriptedRun:  # noqa: ARG001 (no worker dies)
        end = alone(request, data)
        return ScriptedRun(end, seconds=float(end.epochs))

    return script


class Watched:
    """A pool whose every event is checked on its way."""

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool
        self.submitted: Counter[int] = Counter()
        self.events: list[Event] = []

    def submit(self, request: TrialRequest) -> None:
        """Submit a trial."""
        self.submitted[request.number] += 1
        self.pool.submit(request)

    def run(self, *requests: TrialRequest) -> dict[int, TrialEnded]:
        """Run trials to their ends."""
        for request in requests:
            self.submit(request)
        for _ in range(100_000):
            if len(self.ends) == self.submitted.total():
                break
            self.events += self.pool.events(1.0)
        return {end.number: end for end in self.ends}

    @property
    def ends(self) -> list[TrialEnded]:
        """The ends until now."""
        return [event for event in self.events if isinstance(event, TrialEnded)]

    def check(self) -> None:
        """Check that each trial's events are legal, and that each came to its one end."""
        assert Counter(end.number for end in self.ends) == self.submitted
        for number in self.submitted:
            first, *advances, last = [event for event in self.events if event.number == number]
            assert isinstance(first, TrialStarted)
            assert isinstance(last, TrialEnded)
            epochs = [event.epochs for event in advances if isinstance(event, TrialAdvanced)]
            assert len(epochs) == len(advances)
            assert epochs == sorted(set(epochs))
            assert all(epoch < last.epochs for epoch in epochs)
            assert {event.worker for event in (first, *advances, last)} == {last.worker}


@pytest.fixture(params=POOLS)
def watched(request: pytest.FixtureRequest) -> Iterator[Watched]:
    yield from watch(make_pool(request.param, request))


@pytest.fixture(params=POOLS)
def watched_with_folds(request: pytest.FixtureRequest) -> Iterator[Watched]:
    yield from watch(make_pool(request.param, request, FOLDS))


def watch(pool: WorkerPool) -> Iterator[Watched]:
    watched = Watched(pool)
    yield watched
    pool.close()
    pool.close()
    watched.check()


def trial(number: int, **changes: object) -> TrialRequest:
    values: dict[str, object] = {
        "number": number,
        "hyperparameters": NetworkPoint(width=8, depth=1, batch_size=8, keep_prob=0.8),
        "seed": 100 + number,
        "rules": rules(Task.REGRESSION, max_epochs=6),
    }
    return TrialRequest(**{**values, **changes})  # type: ignore[arg-type]  # fields by name


def alone(request: TrialRequest, data: TrialData = ONE) -> TrialEnded:
    """Return how a trial ends that runs by itself."""
    *_, end = run_trial(data, request, worker="alone")
    assert isinstance(end, TrialEnded)
    return end


def bits(end: TrialEnded) -> tuple[object, ...]:
    parameters = None if end.state is None else end.state["parameters"].tobytes()
    predictions = None if end.dev_predictions is None else end.dev_predictions.tobytes()
    return (
        end.number,
        end.ending,
        end.folds,
        end.epochs,
        end.best_epoch,
        end.reason,
        end.dev_metrics,
        parameters,
        predictions,
    )


def test_trials_end_as_they_do_alone_to_the_last_bit(watched: Watched) -> None:
    requests = [
        trial(number, keep_state=number % 2 == 0, keep_predictions=number % 3 == 0) for number in range(7)
    ]

    ends = watched.run(*requests)

    assert [bits(ends[request.number]) for request in requests] == [bits(alone(r)) for r in requests]


def test_trials_begin_in_the_order_in_which_they_came(watched: Watched) -> None:
    numbers = [4, 2, 9, 0]
    watched.run(*map(trial, numbers))

    begun = [event.number for event in watched.events if isinstance(event, TrialStarted)]
    assert begun == numbers or watched.pool.n_workers > 1
    assert set(begun) == set(numbers)


def test_a_threshold_prunes_at_its_epoch_and_at_no_other(watched: Watched) -> None:
    metrics = [epoch.dev_metric for epoch in alone(trial(0)).curve]
    best_by_4 = min(metrics[:4])

    ends = watched.run(
        trial(0, thresholds=(Threshold(2, float("inf")), Threshold(4, best_by_4 - 1e-9))),
        trial(1, thresholds=(Threshold(4, float("inf")),)),
    )

    assert (ends[0].ending, ends[0].epochs) == (Ending.PRUNED, 4)
    assert ends[1].ending is Ending.COMPLETE


def test_a_trial_as_good_as_the_threshold_is_kept(watched: Watched) -> None:
    best_by_4 = min(epoch.dev_metric for epoch in alone(trial(0)).curve[:4])

    ends = watched.run(trial(0, thresholds=(Threshold(4, best_by_4),)))

    assert ends[0].ending is Ending.COMPLETE


def test_a_diverging_trial_fails_with_its_reason_and_the_next_one_runs(watched: Watched) -> None:
    wild = NetworkPoint(width=8, optimizer=Optimizer.SGD, learning_rate=1e30)

    ends = watched.run(trial(0, hyperparameters=wild), trial(1))

    assert ends[0].ending is Ending.FAILED
    assert "diverged in epoch 1" in ends[0].reason
    assert ends[1].ending is Ending.COMPLETE


def test_trials_of_several_folds_end_as_they_do_alone_to_the_last_bit(watched_with_folds: Watched) -> None:
    mean_of_one = alone(trial(3), FOLDS).folds[0].best.dev_watched
    thresholds = (FoldThreshold(1, mean_of_one - 1e-9),)
    requests = [*map(trial, range(3)), trial(3, fold_thresholds=thresholds), trial(4, only_fold=2)]

    ends = watched_with_folds.run(*requests)

    assert [bits(ends[request.number]) for request in requests] == [bits(alone(r, FOLDS)) for r in requests]
    assert [len(ends[number].folds) for number in range(5)] == [3, 3, 3, 1, 1]
    assert ends[3].ending is Ending.PRUNED


def test_a_refit_ends_as_it_does_alone_to_the_last_bit(watched: Watched) -> None:
    request = trial(0, refit_epochs=4, keep_state=True)

    ends = watched.run(request)

    assert bits(ends[0]) == bits(alone(request))
    assert (ends[0].epochs, ends[0].state is None) == (4, False)


def test_trials_may_be_followed_at_any_time_and_end_as_they_do_alone(watched: Watched) -> None:
    requests = [trial(number, rules=rules(Task.REGRESSION, max_epochs=40)) for number in range(3)]
    watched.pool.follow(0)
    for request in requests:
        watched.submit(request)
    while len(watched.ends) < len(requests):
        watched.events += watched.pool.events(1.0)
        for request in requests:
            watched.pool.follow(request.number)

    assert {end.number: bits(end) for end in watched.ends} == {r.number: bits(alone(r)) for r in requests}


def test_nothing_to_do_gives_nothing(watched: Watched) -> None:
    assert watched.pool.events(0.05) == []


def test_a_pool_knows_how_many_trials_it_runs_at_once(request: pytest.FixtureRequest) -> None:
    for kind in POOLS:
        pool = make_pool(kind, request)
        assert pool.n_workers == int(kind.rpartition("-")[2])
        pool.close()


def test_closing_drops_what_waits_and_runs(request: pytest.FixtureRequest) -> None:
    for kind in ("in-process-1", "starting-here-1", "starting-2", "ray-1"):
        pool = make_pool(kind, request)
        for number in range(3):
            pool.submit(trial(number, rules=rules(Task.REGRESSION, max_epochs=10_000)))
        while not pool.events(1.0):
            pass
        pool.close()
        assert pool.events(0.05) == []
