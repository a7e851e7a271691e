"""Two studies compared: by their seeds, with an interval that holds, and never by a test figure."""

import re
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from service.cli import proctor
from service.errors import BadInputError
from service.report.facts.comparison import Comparison, MetricComparison, compare_studies
from service.report.terminal.comparison_text import print_comparison, verdict_line
from service.report.wording.numbers import metric_name
from service.study.search.winner import winner_of
from service.study.storage.stored_study import StoredStudy
from tests.service.confirmed_study import confirm
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
from workers.metrics.metric import Metric, metrics_of
from workers.train_dev_data import Task


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IrisStudy, IrisStudy]]:
    """Run two studies of the same data, and open their test set."""
    directory: Path = tmp_path_factory.mktemp("two")
    with chdir(directory):
        store = new_store(directory)
        one = search_iris(store, trials=3)
        other = search_iris(store, trials=4, name="other", space={"depth": 1})
        for study in (one, other):
            study.conclude()
        yield one, other
    store.close()


@pytest.fixture
def stored(studies: tuple[IrisStudy, IrisStudy]) -> tuple[StoredStudy, StoredStudy]:
    one, other = studies
    return one.stored, other.stored


@pytest.fixture(scope="module")
def confirmed_studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[IrisStudy, IrisStudy]]:
    """Run two studies of the same data, whose winners are confirmed with two seeds more."""
    store = new_store(tmp_path_factory.mktemp("confirmed"))
    low, high = (search_iris(store, trials=3, name=name) for name in ("low", "high"))
    for study, figures in ((low, [0.1, 0.12]), (high, [0.9, 0.95])):
        confirm(store, study.name, {winner_of(study.stored.trials, Metric.ERROR).number: figures})
    yield low, high
    store.close()


@pytest.fixture
def confirmed(confirmed_studies: tuple[IrisStudy, IrisStudy]) -> tuple[StoredStudy, StoredStudy]:
    low, high = confirmed_studies
    return low.stored, high.stored


def figures_of(study: StoredStudy) -> list[float]:
    """Return the winner's dev metric with each of its seeds."""
    winner = winner_of(study.trials, study.metric)
    runs = [trial for trial in study.trials if trial.user_attrs.get("confirms") == winner.number]
    return [float(trial.value or 0.0) for trial in (winner, *runs)]


def by(metric: Metric, found: Comparison) -> MetricComparison:
    """Return the comparison by one metric."""
    (one,) = (each for each in found.metrics if each.metric is metric)
    return one


def test_over_seeds_on_one_dev_set_it_is_welch(confirmed: tuple[StoredStudy, StoredStudy]) -> None:
    low, high = confirmed
    compared = compare_studies(low, high)
    found = compared.metrics[0]
    welch = stats.ttest_ind(figures_of(high), figures_of(low), equal_var=False).confidence_interval()

    assert found.metric is Metric.ERROR
    assert found.interval == pytest.approx((welch.low, welch.high))
    assert found.difference == pytest.approx(np.mean(figures_of(high)) - np.mean(figures_of(low)))
    assert found.method == "Welch, over seeds, on the dev set that both share"
    assert compared.warnings == ()
    assert (compared.first.n_seeds, compared.first.n_trials) == (3, 3)


@pytest.mark.parametrize("metric", metrics_of(Task.CLASSIFICATION))
def test_without_seeds_the_sides_of_the_dev_figures_intervals_that_face_each_other_tell(
    stored: tuple[StoredStudy, StoredStudy], metric: Metric
) -> None:
    found = by(metric, compare_studies(*stored))
    (low_one, one, high_one), (low_other, other, high_other) = (
        (low, found_one, high)
        for study in stored
        for low, high in [(study.winner or {})["dev_intervals"][metric]]
        for found_one in [(study.winner or {})["models"]["winner"]["dev"][metric]]
    )
    assert found.interval is not None
    down, up = np.hypot(other - low_other, high_one - one), np.hypot(high_other - other, one - low_one)
    assert found.difference == pytest.approx(other - one, abs=1e-6)
    assert found.interval == pytest.approx((found.difference - down, found.difference + up), abs=1e-6)
    assert found.method == "intervals of the dev figures, too wide, because the examples are the same"


def test_other_dev_examples_widen_the_interval_over_seeds_and_are_warned_of(
    confirmed: tuple[StoredStudy, StoredStudy],
) -> None:
    low, high = (
        replace(study, winner=measured(winner_of(study.trials, study.metric).number)) for study in confirmed
    )
    elsewhere = replace(high, known_fingerprint="of other rows")
    here, compared = compare_studies(low, high), compare_studies(low, elsewhere)
    there = compared.metrics[0]
    assert there.interval is not None
    assert here.metrics[0].method == "Welch, over seeds, on the dev set that both share"

    variances = [np.var(figures_of(study), ddof=1) / 3 for study in confirmed]
    total = sum(variances) + 2 * 0.3**2
    degrees = total**2 / sum(each**2 / 2 for each in variances)
    half = stats.t.ppf(0.975, degrees) * np.sqrt(total)
    assert there.interval == pytest.approx((there.difference - half, there.difference + half))
    assert there.method == "Welch, over seeds, with the intervals of the dev figures"
    assert compared.warnings == ("their data differ: the figures come from different examples",)


def measured(trial: int) -> dict[str, Any]:
    reach = stats.norm.ppf(0.975) * 0.3
    names = [metric.value for metric in metrics_of(Task.CLASSIFICATION)]
    return {
        "trial": trial,
        "standard_errors": {"dev": 0.3},
        "models": {"winner": {"dev": dict.fromkeys(names, 0.4)}},
        "dev_intervals": dict.fromkeys(names, (0.4 - reach, 0.4 + reach)),
    }


def test_the_same_rows_divided_otherwise_are_warned_of(confirmed: tuple[StoredStudy, StoredStudy]) -> None:
    low, high = confirmed
    divided = replace(high, config=high.config.model_copy(update={"seed": 9}))
    found = compare_studies(low, divided)
    assert found.warnings == ("their data are the same, but split differently: the dev sets differ",)
    assert "too narrow, because it ignores that the dev examples differ" in found.metrics[0].method


def test_where_nothing_tells_the_noise_there_is_no_interval(stored: tuple[StoredStudy, StoredStudy]) -> None:
    one, other = (replace(study, winner=None) for study in stored)
    found = compare_studies(one, other)
    assert {each.interval for each in found.metrics} == {None}
    assert verdict_line(found, found.metrics[0]) == (
        "these figures cannot show whether the difference is more than noise"
    )


@pytest.mark.parametrize(("metric", "better"), [(Metric.ERROR, "low"), (Metric.ROC_AUC, "high")])
def test_the_better_one_is_named_in_the_metrics_sense(
    confirmed: tuple[StoredStudy, StoredStudy], metric: Metric, better: str
) -> None:
    clear = [
        replace(
            study,
            config=study.config.model_copy(update={"metric": metric}),
            trials=study.trials[:3],
            winner=None,
        )
        for study in confirmed
    ]
    for study, value in zip(clear, (0.1, 0.9), strict=True):
        for trial in study.trials:
            attributes = trial.user_attrs
            trial.value = value
            attributes["standard_error"] = 0.01
    for pair in (clear, list(reversed(clear))):
        found = compare_studies(*pair)
        assert abs(found.metrics[0].difference) == pytest.approx(0.8)
        assert verdict_line(found, found.metrics[0]) == f"{better} is better on the dev set"


def test_studies_of_different_metrics_are_compared_by_all_their_own_first(
    stored: tuple[StoredStudy, StoredStudy],
) -> None:
    one, other = stored
    by_loss = replace(other, config=other.config.model_copy(update={"metric": Metric.LOG_LOSS}))
    found = compare_studies(one, by_loss)
    assert [each.metric for each in found.metrics[:2]] == [Metric.ERROR, Metric.LOG_LOSS]
    assert [each.metric for each in found.chosen_by] == [Metric.ERROR, Metric.LOG_LOSS]
    assert {each.metric for each in found.metrics} == set(metrics_of(Task.CLASSIFICATION))
    assert found.warnings == ("their winners were chosen by different metrics, error and log_loss",)
    winner = winner_of(by_loss.trials, Metric.LOG_LOSS)
    assert by(Metric.ROC_AUC, found).second.figure == winner.user_attrs["dev_metrics"]["roc_auc"]


def test_over_seeds_other_metrics_are_means_of_what_each_run_recorded(
    confirmed: tuple[StoredStudy, StoredStudy],
) -> None:
    low, _ = confirmed
    winner = winner_of(low.trials, low.metric)
    runs = [trial for trial in low.trials if trial.user_attrs.get("confirms") == winner.number]
    for place, trial in enumerate((winner, *runs)):
        trial.user_attrs["dev_metrics"] = {**trial.user_attrs["dev_metrics"], "log_loss": 0.1 * place}
    found = by(Metric.LOG_LOSS, compare_studies(*confirmed))
    assert (found.first.figure, found.first.deviation) == pytest.approx((0.1, 0.1))


def test_another_task_another_target_and_the_same_study_are_refused(
    stored: tuple[StoredStudy, StoredStudy],
) -> None:
    one, other = stored
    data = other.config.data.model_copy(update={"task": Task.REGRESSION})
    of_numbers = replace(other, config=other.config.model_copy(update={"data": data}))
    with pytest.raises(
        BadInputError,
        match="when they have the same task: 'iris' has classification, 'other' has regression",
    ):
        compare_studies(one, of_numbers)
    with pytest.raises(BadInputError, match="the same target: 'iris' has species, 'other' has width"):
        compare_studies(one, replace(other, target="width"))
    with pytest.raises(BadInputError, match="needs two studies, got 'iris' twice"):
        compare_studies(one, one)


def test_the_command_tells_all_and_no_test_figure(studies: tuple[IrisStudy, IrisStudy]) -> None:
    told = CliRunner().invoke(proctor, ["compare", "iris", "other", "--json"])
    found = Comparison.model_validate_json(told.stdout)
    shown = CliRunner().invoke(proctor, ["compare", "iris", "other"]).stdout

    assert found == compare_studies(studies[0].stored, studies[1].stored)
    assert "difference: other - iris, with its 95 % interval" in shown
    assert f"By error: {verdict_line(found, found.metrics[0])}" in shown
    assert all(metric_name(metric) in shown for metric in metrics_of(Task.CLASSIFICATION))
    assert "both winners were selected on their dev figures, so both figures are optimistic" in shown
    assert "test" not in told.stdout + shown


def test_at_80_columns_names_and_figures_are_whole(confirmed: tuple[StoredStudy, StoredStudy]) -> None:
    console = paper()
    print_comparison(compare_studies(*confirmed), console)
    lines = text_of(console).splitlines()
    assert lines[1].startswith("low ")
    assert lines[2].startswith("high ")
    assert lines[4].split() == ["on", "the", "dev", "set", "low", "high", "difference", "better"]
    assert all(len(line) <= 80 for line in lines[:11])
    assert lines[5].startswith("error ")
    assert re.search(r" \+\d\d\.\d\d \(-\d\d\.\d\d to \+\d{3}\.\d\d\) ", lines[5]), "as wide as they get"
    assert lines[5].rstrip().endswith("-")
