"""What a message costs the coordinator on Ray: real workers that sleep instead of training.

    python -m benchmarks.messages [--workers 2 10 50] [--seconds 0.5] [--trials-a-worker 40] [--json FILE]

Ray is told that there are as many CPUs as workers. A trial is one request, handed to a worker while it runs
another, and one message, its end, with a curve of 30 epochs: its start follows from the end before. For both
the time of the coordinator's own thread is measured; Ray's other threads in its process stand beside. Every
worker has begun before anything is measured. Use is the workers' time asleep.
"""

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.answering_pool import made_ending
from benchmarks.machine import processor
from benchmarks.trial_costs import digits_data
from search_spaces.network.point import NetworkPoint
from workers.messages import Event, TrainingRules, TrialEnded, TrialRequest, TrialStarted
from workers.metrics.metric import Metric
from workers.pools.pool import WorkerPool
from workers.pools.ray_settings import apply_ray_settings
from workers.trial_data import TrialData

N_EPOCHS = 30
RULES = TrainingRules(N_EPOCHS, 10, Metric.ERROR, Metric.ERROR)


@dataclass(frozen=True, slots=True)
class Sleep:
    """Runs each trial by sleeping for some seconds; it ends as it was made to."""

    end: TrialEnded
    seconds: float

    def __call__(self, data: TrialData, request: TrialRequest, *, worker: str) -> Iterator[Event]:  # noqa: ARG002 (as `run_trial`)
        """Run a trial, and report how it goes."""
        yield TrialStarted(request.number, worker)
        time.sleep(self.seconds)
        yield replace(self.end, number=request.number, worker=worker)


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured with so many workers: milliseconds of processor time, but for shares and rates.

    Attributes
    ----------
    request, message
        What the coordinator's thread takes for each.
    process
        What its whole process takes for a trial.
    use
        Share of the workers' time that they sleep for trials.
    trials_a_second
        How many trials ended, all workers together.
    """

    n_workers: int
    request: float
    message: float
    process: float
    use: float
    trials_a_second: float


class Meter:
    """Adds up what a pool takes of this thread's time (seconds)."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._n_submitted = 0
        self.n_requests = self.n_events = 0
        self.in_requests = self.in_events = 0.0

    def start(self) -> None:
        """Begin anew."""
        self.n_requests = self.n_events = 0
        self.in_requests = self.in_events = 0.0

    def submit(self) -> None:
        """Hand the pool a trial."""
        request = TrialRequest(self._n_submitted, NetworkPoint(), self._n_submitted, RULES)
        self._n_submitted += 1
        began = time.thread_time()
        self._pool.submit(request)
        self.in_requests += time.thread_time() - began
        self.n_requests += 1

    def ended(self) -> list[TrialEnded]:
        """Return the trials that have ended since."""
        began = time.thread_time()
        events = self._pool.events(1.0)
        self.in_events += time.thread_time() - began
        ended = [event for event in events if isinstance(event, TrialEnded)]
        self.n_events += len(ended)
        return ended


def measure(n_workers: int, *, seconds: float, n_trials: int) -> Cost:
    """Keep so many workers busy until so many trials have ended."""
    apply_ray_settings(address=None)
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    first = TrialRequest(0, NetworkPoint(), 0, RULES)
    sleep = Sleep(made_ending(first, N_EPOCHS, worker=""), seconds)
    with closing(RayPool(TrialData.single(digits_data()), n_workers=n_workers, run_trial=sleep)) as pool:
        meter = Meter(pool)
        for _ in range(2 * n_workers):
            meter.submit()
        heard_from: set[str] = set()
        while len(heard_from) < n_workers:
            for end in meter.ended():
                heard_from.add(end.worker)
                meter.submit()
        meter.start()
        began, before = time.perf_counter(), time.process_time()
        while meter.n_events < n_trials:
            for _ in meter.ended():
                meter.submit()
        passed, process = time.perf_counter() - began, time.process_time() - before
    return Cost(
        n_workers=n_workers,
        request=1e3 * meter.in_requests / meter.n_requests,
        message=1e3 * meter.in_events / meter.n_events,
        process=1e3 * process / meter.n_events,
        use=meter.n_events * seconds / (n_workers * passed),
        trials_a_second=meter.n_events / passed,
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="What a message costs the coordinator on Ray.")
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 10, 50])
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a trial")
    parser.add_argument("--trials-a-worker", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"{processor()}, trials of {options.seconds:g} s; milliseconds")
    print(f"{'workers':>8}{'request':>10}{'message':>10}{'process, a trial':>18}{'use':>8}{'trials/s':>10}")
    costs = []
    for n_workers in options.workers:
        n_trials = options.trials_a_worker * n_workers
        cost = measure(n_workers, seconds=options.seconds, n_trials=n_trials)
        costs.append(cost)
        print(
            f"{n_workers:8}{cost.request:10.2f}{cost.message:10.2f}{cost.process:18.2f}"
            f"{cost.use:8.1%}{cost.trials_a_second:10.1f}",
            flush=True,
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(cost) for cost in costs], indent=2))


if __name__ == "__main__":
    main()
