"""What a default search space gains: whole searches of several on public tables, over seeds, beside peers.

    .venv/bin/python -m benchmarks.spaces [SPACES.toml] [--tables chosen|judged|NAME ...] [--seeds 3]
        [--trials 30] [--peers NAME ...] [--processes 2] [--results FILE] [--print] [--by loss] [--json FILE]

SPACES.toml has a table a space, in which anything stands that may stand in a study file, but its table:
`space`, `training`, `metric`, `watch`, `model`. The first is what the others are compared with; without a
file it is the first peer. Spaces may choose inputs. `watch = "loss"` is the log loss or the RMSE.

Each search is Proctor's own suggestions (TPE, trial 0 the default values), a trial after the other. The best
on the dev set is the winner, and its figure on the test set is what is compared: by the metric that a study
would choose by, or by its loss, which is the log loss or the RMSE. With a table and a seed, train, dev and
test rows are the same for all. A default is chosen on the tables `chosen`, and judged on the tables `judged`.

With `--results` each result becomes a line of a file as it comes, and what is there is not measured again: an
interrupted run goes on where it was. Seconds are processor time of one thread.
"""

import argparse
import json
import multiprocessing
import sys
import time
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import optuna
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from benchmarks.comparison import print_comparison
from benchmarks.network_peers import load, realmlp, tabm
from benchmarks.peer_data import PeerData, Predicted, peer_data
from benchmarks.public_tables import CHOSEN_ON, JUDGED_ON, available_tables, study_of, test_examples
from benchmarks.quick_search import search, test_figures
from benchmarks.result_lines import Asked, Result, append_result, read_results
from benchmarks.tuned_peers import tuned_boosting, tuned_linear, tuned_mlp
from service.data.preparation.prepared_data import prepare_data
from service.winner.examination.figures import figures
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

PEERS: Mapping[str, Callable[..., Predicted]] = {
    "linear, tuned": tuned_linear,
    "MLP, tuned": tuned_mlp,
    "boosting, tuned": tuned_boosting,
    "RealMLP-TD": realmlp,
    "TabM": tabm,
}
ONE_TRAINING = (realmlp, tabm)
TOO_SLOW = {"TabM": ("nassCDS", "diamonds")}
"""Tables of more than 20,000 rows, on which one training takes hours of one thread."""

HALVES = {"chosen": CHOSEN_ON, "judged": JUDGED_ON}
LOSSES = {Task.CLASSIFICATION: Metric.LOG_LOSS, Task.REGRESSION: Metric.RMSE}
FIGURES: Mapping[str, Callable[[Result], float]] = {
    "metric": lambda it: Metric(it.metric).badness(it.test[it.metric]),
    "loss": lambda it: it.test[LOSSES[Metric(it.metric).task]],
    "seconds": lambda it: it.seconds,
}


def measured(asked: Asked) -> Result:
    """Search a space, or tune a peer, on one split of a table."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of steps is a setting
    flags = {"trials": asked.trials} | _dotted(json.loads(asked.written))
    by_loss = [name for name in ("metric", "watch") if flags.get(name) == "loss"]
    flags |= dict.fromkeys(by_loss)
    with threadpool_limits(1), study_of(asked.table, seed=asked.seed, flags=flags) as config:
        prepared = prepare_data(config)
        test = test_examples(config, prepared)
        if asked.contender in PEERS:
            return _of_peer(asked, peer_data(config, prepared, test))
        loss = LOSSES[prepared.split.task]
        study = prepared.resolved(config.model_copy(update=dict.fromkeys(by_loss, loss)))
        began = time.process_time()
        found = search(study, prepared)
        seconds = time.process_time() - began
        on_test = test_figures(found, study, prepared, test)
    return Result(asked, study.metric, found.dev, on_test, seconds, found.epochs)


def _of_peer(asked: Asked, data: PeerData) -> Result:
    peer = PEERS[asked.contender]
    if peer in ONE_TRAINING:
        load()
    began = time.process_time()
    predicted = peer(data, n_trials=asked.trials, seed=asked.seed)
    seconds = time.process_time() - began
    dev, test = (
        figures(predictions, y, task=data.task, rule=predicted.rule)
        for predictions, y in ((predicted.dev, data.y.dev), (predicted.test, data.y.test))
    )
    return Result(asked, data.metric, dev, test, seconds, None)


def _dotted(written: Mapping[str, object]) -> dict[str, object]:
    """Name what stands in tables by dotted keys, as flags do: what the benchmark says stays beside it."""
    flags: dict[str, object] = {}
    for key, value in written.items():
        if isinstance(value, dict):
            flags |= {f"{key}.{name}": it for name, it in value.items()}
        else:
            flags[key] = value
    return flags


def run_all(wanted: list[Asked], *, processes: int) -> Iterator[Result]:
    """Measure all, some at once, and yield each as it comes; one that fails is named and left out."""
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=apart) as pool:
        running = {pool.submit(measured, asked): asked for asked in wanted}
        for future in as_completed(running):
            asked = running[future]
            error = future.exception()
            name = f"{asked.contender}, {asked.table}, seed {asked.seed}"
            if error is not None:
                print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
                continue
            result = future.result()
            figure = f"{result.metric} {result.test[result.metric]:.4g}"
            print(f"{name}: {figure}, {result.seconds:.0f} s", file=sys.stderr)
            yield result


def main() -> None:
    """Measure what is missing, and print what each contender changes against the first."""
    options = _parsed()
    if options.tables in (["chosen"], ["judged"]):
        options.tables = [it for it in HALVES[options.tables[0]] if it in available_tables()]
    spaces = tomllib.loads(options.spaces.read_text("utf-8")) if options.spaces else {}
    contenders = {name: json.dumps(written) for name, written in spaces.items()}
    contenders |= dict.fromkeys(options.peers, "{}")
    asked = [
        Asked(name, written, table, seed, options.trials if PEERS.get(name) not in ONE_TRAINING else 1)
        for seed in range(options.seeds)
        for table in options.tables
        for name, written in contenders.items()
        if table not in TOO_SLOW.get(name, ())
    ]
    known = read_results(options.results) if options.results else {}
    results = [known[it] for it in asked if it in known]
    if not options.print:
        for result in run_all([it for it in asked if it not in known], processes=options.processes):
            if options.results:
                append_result(result, options.results)
            results.append(result)
    reference = next(iter(contenders))
    if all(result.asked.contender != reference for result in results):
        sys.exit(f"nothing was measured of {reference}")
    order = {it: place for place, it in enumerate(asked)}
    results.sort(key=lambda result: order[result.asked])
    print_comparison(_by_contender(results, FIGURES[options.by]), _by_contender(results, FIGURES["seconds"]))
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a default search space gains.")
    parser.add_argument("spaces", type=Path, nargs="?")
    parser.add_argument("--tables", nargs="+", default=["chosen"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=[])
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--results", type=Path, help="JSON lines: appended to, and not measured again")
    parser.add_argument("--print", action="store_true", help="what is in --results, and measure nothing")
    parser.add_argument("--by", choices=("metric", "loss"), default="metric")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _by_contender(
    results: list[Result], figure: Callable[[Result], float]
) -> dict[str, dict[str, dict[int, float]]]:
    """Return a figure of each result, by contender, table and seed."""
    found: dict[str, dict[str, dict[int, float]]] = {}
    for result in results:
        of_contender = found.setdefault(result.asked.contender, {})
        of_contender.setdefault(result.asked.table, {})[result.asked.seed] = figure(result)
    return found


if __name__ == "__main__":
    main()
