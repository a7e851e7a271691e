"""How many workers one coordinator keeps busy: the real one, with simulated workers in simulated time.

    .venv/bin/python -m benchmarks.scale [--workers 10 100 1000 10000] [--trials-a-worker 8]
        [--trials 50] [--concurrency 6] [--seeds 4] [--samplers random tpe] [--trial-seconds 3]
        [--message-ms 0.35] [--cpu] [--json FILE]
    .venv/bin/python -m benchmarks.scale --record     measures real trials anew, into scale_trials.json

Each trial goes as one of the recorded real ones: its curve, how it ended, and how far its epochs were from
the cost formula; thresholds prune it where they would. Lengths are scaled to a mean. One run in 500 kills its
worker. Three trials a worker run at once, virtually, unless `--concurrency` says how many, and there are
eight a worker unless `--trials` does; the study is kept in a SQLite file. Figures are means over the seeds.

Each study is run twice: with a coordinator that takes no time, where workers idle only for want of a certain
order, and with its own time, and that of messages as on Ray, charged to the simulated clock.
Use is counted from when every worker has had a trial until the last trial starts; how long the beginning
takes stands beside, and so does the whole search, its beginning and its tail in it.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from threadpoolctl import threadpool_limits

from benchmarks.epoch_cost import points, space_of_inputs
from benchmarks.simulated_pool import Script, ScriptedRun, SimulatedPool, SimulatedTimes
from benchmarks.trial_costs import digits_data
from service.configuration.study_config import ResolvedData, ResolvedStudy, TrainingConfig
from service.study.search.coordinator import Coordinator
from service.study.search.suggestions import Suggestions
from service.study.search.virtual_clock import epoch_cost
from service.study.storage.database_url import file_url
from service.study.storage.lease import Lease
from service.study.storage.study_store import StudyStore
from workers.messages import Details, Ending, EpochMetrics, FoldEnded, TrainingRules, TrialEnded, TrialRequest
from workers.metrics.metric import Metric
from workers.train_dev_data import Task
from workers.trial.early_stopping import EarlyStopping
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

RECORDED = Path(__file__).with_name("scale_trials.json")
N_RECORDED = 60
RULES = TrainingRules(60, 10, Metric.ERROR, Metric.ERROR)
DEATHS = 1 / 500
CONCURRENCY_A_WORKER = 3
"""With so many, few workers wait until the order of events is certain: 2 are busy for 97.5 % of the time."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A real trial: how it ended, its epochs' time over the formula's, and three columns of its curve."""

    ending: str
    slowness: float
    train_loss: list[float]
    dev_loss: list[float]
    dev_metric: list[float]


@dataclass(slots=True)
class Scale:
    """What a study showed (seconds, but for counts and shares)."""

    n_workers: int
    n_trials: int
    use: float
    beginning: float
    whole: float
    trials_a_second: float
    coordinator: float
    ask: float
    record: float


class Stopwatches:
    """Adds up the time spent in methods while the coordinator runs."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def watching(self, owner: type, method: str) -> Iterator[None]:
        """Time every call of a class's method until the block is left."""
        plain: Callable[..., Any] = getattr(owner, method)
        self.seconds[method] = 0.0

        @wraps(plain)
        def timed(*arguments: object, **named: object) -> object:
            began = time.process_time()
            try:
                return plain(*arguments, **named)
            finally:
                self.seconds[method] += time.process_time() - began

        setattr(owner, method, timed)
        try:
            yield
        finally:
            setattr(owner, method, plain)


class Deaf:
    """An observer that hears nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Do nothing, whatever is told."""
        return lambda *_, **__: None


def record() -> list[Recorded]:
    """Train random points of the default space on the digits."""
    data = digits_data()
    recorded = []
    drawn = [point for space, point in points(2 * N_RECORDED, data, seed=5) if space == "default"]
    rng = np.random.default_rng(0)
    for number, drawn_point in enumerate(drawn):
        rate = float(np.exp(rng.uniform(np.log(3e-4), np.log(3e-2))))
        point = drawn_point.model_copy(update={"learning_rate": rate})
        request = TrialRequest(number, point, number, RULES)
        began = time.process_time()
        *_, end = run_trial(TrialData.single(data), request, worker="benchmark")
        seconds = time.process_time() - began
        if not isinstance(end, TrialEnded):
            raise TypeError(f"a trial ends with its end, got {end}")
        slowness = seconds / (end.epochs * epoch_cost(point, TrialData.single(data)))
        columns = {
            name: [float(f"{getattr(epoch, name):.3g}") for epoch in end.curve]
            for name in ("train_loss", "dev_loss", "dev_metric")
        }
        recorded.append(Recorded(end.ending.value, round(slowness, 3), **columns))
    return recorded


def script_of(recorded: list[Recorded], data: TrialData, *, trial_seconds: float) -> Script:
    """Return how trials go: each as a recorded one, drawn by its seed; their mean length is given."""
    ends = [_end_of(trial) for trial in recorded]
    mean_epochs = float(np.mean([end.epochs for end in ends]))
    costs = [epoch_cost(point, data) for _, point in points(400, digits_data(), seed=6)]
    scale = trial_seconds / (mean_epochs * float(np.mean(costs)))

    def script(request: TrialRequest, n_before: int) -> ScriptedRun:
        rng = np.random.default_rng((request.seed, n_before))
        place = int(np.random.default_rng(request.seed).integers(len(recorded)))
        end = _pruned(ends[place], request)
        cost = epoch_cost(request.hyperparameters, data)
        seconds = scale * recorded[place].slowness * cost * end.epochs
        dies = rng.random() < DEATHS
        dies_after = float(rng.uniform(0, seconds)) if dies else None
        return ScriptedRun(end, seconds, dies_after, _certain_epochs(end, request))

    return script


def _end_of(trial: Recorded) -> TrialEnded:
    columns = zip(trial.train_loss, trial.dev_loss, trial.dev_metric, strict=True)
    details: Details = {
        "gradient_norm": 1.0,
        "activation_spreads": (0.5, 0.25),
        "gradient_spreads": (0.5, 0.25),
    }
    curve = tuple(
        EpochMetrics(train, train, dev_loss, metric, metric, details) for train, dev_loss, metric in columns
    )
    ending = Ending(trial.ending)
    reason = "diverged" if ending is Ending.FAILED else ""
    fold = FoldEnded(curve, _best(trial.dev_metric), {"error": min(trial.dev_metric, default=1.0)})
    return TrialEnded(0, "", ending, (fold,), len(curve) + bool(reason), 0.0, reason=reason)


def _best(metrics: list[float]) -> int:
    return metrics.index(min(metrics)) + 1 if metrics else 0


def _pruned(end: TrialEnded, request: TrialRequest) -> TrialEnded:
    """Return an end as the request's thresholds make it."""
    watched = [epoch.dev_watched for epoch in end.curve]
    for threshold in request.thresholds:
        if threshold.epoch < end.epochs and min(watched[: threshold.epoch]) > threshold.value:
            n, metrics = threshold.epoch, watched[: threshold.epoch]
            fold = FoldEnded(end.curve[:n], _best(metrics), {"error": min(metrics)}, is_whole=False)
            return TrialEnded(0, "", Ending.PRUNED, (fold,), n, 0.0)
    return end


def _certain_epochs(end: TrialEnded, request: TrialRequest) -> tuple[int, ...]:
    """Return what is certain of a trial's length after each epoch, as its worker knows it."""
    stopping = EarlyStopping(request.rules.patience, request.rules.min_gain)
    certain = []
    for epochs, epoch in enumerate(end.curve, start=1):
        stopping.observe(badness=epoch.dev_watched, loss=epoch.dev_loss)
        ahead = [threshold.epoch for threshold in request.thresholds if threshold.epoch > epochs]
        certain.append(min([*ahead, stopping.earliest_stop, request.rules.max_epochs]))
    return tuple(certain)


def config_of(n_trials: int, concurrency: int, sampler: str, *, seed: int = 0) -> ResolvedStudy:
    """Return the study."""
    given: dict[str, Any] = {
        "name": "scale",
        "data": ResolvedData(table="digits", task=Task.CLASSIFICATION),
        "training": TrainingConfig(max_epochs=RULES.max_epochs, patience=RULES.patience),
        "trials": n_trials,
        "concurrency": concurrency,
        "seed": seed,
        "metric": RULES.metric,
        "watch": RULES.watch,
        "sampler": sampler,
        "space": space_of_inputs("default"),
        "confirmation": {"finalists": 0},
    }
    return ResolvedStudy.model_validate(given)


def run(config: ResolvedStudy, data: TrialData, pool: SimulatedPool) -> Stopwatches:
    """Run the study with the real coordinator, on a file that is thrown away."""
    watches = Stopwatches()
    with tempfile.TemporaryDirectory() as directory:
        store = StudyStore(file_url(Path(directory) / "scale.db"), create=True)
        store.create(config.name, {"config": config.model_dump(mode="json")})
        with (
            Lease.take(store.engine, config.name) as lease,
            watches.watching(Suggestions, "ask"),
            watches.watching(StudyStore, "record"),
        ):
            Coordinator(config, data, store=store, pool=pool, observer=Deaf(), lease=lease).run(lambda: False)
        store.close()
    return watches


def scale_of(  # noqa: PLR0913 (a study's parts, each by its name)
    config: ResolvedStudy,
    script: Script,
    data: TrialData,
    *,
    n_workers: int,
    stopwatch: Callable[[], float] | None = None,
    message_seconds: float = 0.0,
) -> Scale:
    """Run a study; without a stopwatch the coordinator takes no time."""
    n_trials = config.trials
    pool = SimulatedPool(
        script,
        n_workers=n_workers,
        times=SimulatedTimes(message_seconds=message_seconds),
        stopwatch=stopwatch,
    )
    watches = run(config, data, pool)
    since = max(spans[0][0] for spans in pool.spans if spans)
    until = max(spans[-1][0] for spans in pool.spans if spans)
    return Scale(
        n_workers=n_workers,
        n_trials=n_trials,
        use=pool.use(since=since, until=until),
        beginning=since,
        whole=max(spans[-1][1] for spans in pool.spans if spans),
        trials_a_second=(n_trials - n_workers) / (until - since),
        coordinator=pool.charged_seconds / n_trials,
        ask=watches.seconds["ask"] / n_trials,
        record=watches.seconds["record"] / n_trials,
    )


def main() -> None:
    """Measure, and print a line a study."""
    parser = argparse.ArgumentParser(description="How many workers one coordinator keeps busy.")
    parser.add_argument("--workers", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument("--trials-a-worker", type=int, default=8)
    parser.add_argument("--trials", type=int, help="instead of so many a worker")
    parser.add_argument("--concurrency", type=int, help="trials that virtually run at once")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--samplers", nargs="+", default=["random", "tpe"])
    parser.add_argument("--trial-seconds", type=float, default=3.0, help="mean length of a trial, unpruned")
    parser.add_argument(
        "--message-ms", type=float, default=0.35, help="of the coordinator, as measured on Ray"
    )
    parser.add_argument(
        "--cpu", action="store_true", help="charge processor time alone: others use the machine"
    )
    parser.add_argument("--record", action="store_true", help="measure real trials anew")
    parser.add_argument("--json", type=Path, help="write the figures")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if options.record:
        with threadpool_limits(1):
            rows = [asdict(trial) for trial in record()]
        RECORDED.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
    recorded = [Recorded(**row) for row in json.loads(RECORDED.read_text())]
    data = TrialData.single(digits_data())
    script = script_of(recorded, data, trial_seconds=options.trial_seconds)
    print(f"{len(recorded)} recorded trials, epochs {_spread([len(t.dev_metric) for t in recorded])},")
    print(
        f"time over the cost formula's {_spread([t.slowness for t in recorded])} (a tenth, half, nine tenths)"
    )
    print(
        "sampler workers trials   use if free   use   all begun s  search s   trials/s   ms a trial: all  ask"
        "  record"
    )
    figures = []
    for sampler in options.samplers:
        for n_workers in options.workers:
            n_trials = options.trials or options.trials_a_worker * n_workers
            concurrency = options.concurrency or CONCURRENCY_A_WORKER * n_workers
            configs = [config_of(n_trials, concurrency, sampler, seed=seed) for seed in range(options.seeds)]
            free = _mean([scale_of(config, script, data, n_workers=n_workers) for config in configs])
            paid = _mean(
                [
                    scale_of(
                        config,
                        script,
                        data,
                        n_workers=n_workers,
                        stopwatch=time.process_time if options.cpu else time.perf_counter,
                        message_seconds=options.message_ms / 1000,
                    )
                    for config in configs
                ]
            )
            figures.append({"sampler": sampler, "free": asdict(free), "paid": asdict(paid)})
            milliseconds = (1e3 * seconds for seconds in (paid.coordinator, paid.ask, paid.record))
            print(
                f"{sampler:7} {n_workers:7} {n_trials:6} {free.use:13.1%} {paid.use:5.1%}"
                f" {paid.beginning:13.1f} {paid.whole:9.1f} {paid.trials_a_second:10.1f}"
                f" {'{:16.2f} {:5.2f} {:6.2f}'.format(*milliseconds)}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def _mean(scales: list[Scale]) -> Scale:
    rows = [asdict(scale) for scale in scales]
    means: dict[str, Any] = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return Scale(**{**means, "n_workers": scales[0].n_workers, "n_trials": scales[0].n_trials})


def _spread(numbers: list[float]) -> str:
    return " / ".join(f"{number:.3g}" for number in np.quantile(numbers, (0.1, 0.5, 0.9)))


if __name__ == "__main__":
    main()
