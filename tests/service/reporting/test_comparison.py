"""Two studies compared: by their seeds, with an interval that holds, and never by a test figure."""

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
from service.reporting.comparison import Comparison, compare_studies
from service.search.winner import winner_of
from service.storage.stored_study import StoredStudy
from service.terminal.comparison_text import print_comparison
from tests.service.confirmed_study import confirm
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
from workers.metrics import Metric


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


def test_over_seeds_on_one_dev_set_it_is_welch(confirmed: tuple[StoredStudy, StoredStudy]) -> None:
    low, high = confirmed
    found = compare_studies(low, high)
    welch = stats.ttest_ind(figures_of(high), figures_of(low), equal_var=False).confidence_interval()

    assert found.interval == pytest.approx((welch.low, welch.high))
    assert found.difference == pytest.approx(np.mean(figures_of(high)) - np.mean(figures_of(low)))
    assert found.method == "Welch, over seeds, on the dev set that both have"
    assert found.warnings == ()
    assert (found.first.n_seeds, found.first.n_trials) == (3, 3)


def test_without_seeds_the_sides_of_the_dev_figures_intervals_that_face_each_other_tell(
    stored: tuple[StoredStudy, StoredStudy],
) -> None:
    found = compare_studies(*stored)
    (low_one, one, high_one), (low_other, other, high_other) = (
        (low, found_one, high)
        for study in stored
        for low, high in [(study.winner or {})["dev_interval"]]
        for found_one in [(study.winner or {})["models"]["winner"]["dev"]["error"]]
    )
    assert found.interval is not None
    down, up = np.hypot(other - low_other, high_one - one), np.hypot(high_other - other, one - low_one)
    assert found.interval == pytest.approx((found.difference - down, found.difference + up))
    assert found.method == "intervals of the dev figures, too wide as the examples are the same"
    assert found.verdict == "no difference you could tell"


def test_other_dev_examples_widen_the_interval_over_seeds_and_are_warned_of(
    confirmed: tuple[StoredStudy, StoredStudy],
) -> None:
    low, high = (
        replace(study, winner=measured(winner_of(study.trials, study.metric).number)) for study in confirmed
    )
    elsewhere = replace(high, known_fingerprint="of other rows")
    here, there = compare_studies(low, high), compare_studies(low, elsewhere)
    assert here.interval is not None
    assert there.interval is not None

    variances = [np.var(figures_of(study), ddof=1) / 3 for study in confirmed]
    total = sum(variances) + 2 * 0.3**2
    degrees = total**2 / sum(each**2 / 2 for each in variances)
    half = stats.t.ppf(0.975, degrees) * np.sqrt(total)
    assert there.interval == pytest.approx((there.difference - half, there.difference + half))
    assert there.method == "Welch, over seeds, with the intervals of the dev figures"
    assert there.warnings == ("their data differ: the figures are of different examples",)


def measured(trial: int) -> dict[str, Any]:
    reach = stats.norm.ppf(0.975) * 0.3
    return {
        "trial": trial,
        "standard_errors": {"dev": 0.3},
        "models": {"winner": {"dev": {"error": 0.4}}},
        "dev_interval": (0.4 - reach, 0.4 + reach),
    }


def test_the_same_rows_divided_otherwise_are_warned_of(confirmed: tuple[StoredStudy, StoredStudy]) -> None:
    low, high = confirmed
    divided = replace(high, config=high.config.model_copy(update={"seed": 9}), target="sepal length")
    found = compare_studies(low, divided)
    assert found.warnings == (
        "they predict different targets, 'species' and 'sepal length'",
        "their data are the same, but divided otherwise: the dev sets differ",
    )
    assert "too narrow, as it leaves out that the dev examples differ" in found.method


def test_where_nothing_tells_the_noise_there_is_no_interval(stored: tuple[StoredStudy, StoredStudy]) -> None:
    one, other = (replace(study, winner=None) for study in stored)
    found = compare_studies(one, other)
    assert found.interval is None
    assert found.verdict == "whether the difference is more than noise cannot be told"


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
    found = compare_studies(*clear)
    assert found.difference == pytest.approx(0.8)
    assert found.verdict == f"{better} is better on the dev set"
    assert compare_studies(*reversed(clear)).verdict == f"{better} is better on the dev set"


def test_other_metrics_and_the_same_study_are_refused(stored: tuple[StoredStudy, StoredStudy]) -> None:
    one, other = stored
    by_loss = replace(other, config=other.config.model_copy(update={"metric": Metric.LOG_LOSS}))
    with pytest.raises(BadInputError, match="by one metric: 'iris' has error, 'other' has log_loss"):
        compare_studies(one, by_loss)
    with pytest.raises(BadInputError, match="needs two studies, got 'iris' twice"):
        compare_studies(one, one)


def test_the_command_tells_all_and_no_test_figure(studies: tuple[IrisStudy, IrisStudy]) -> None:
    told = CliRunner().invoke(proctor, ["compare", "iris", "other", "--json"])
    found = Comparison.model_validate_json(told.stdout)
    shown = CliRunner().invoke(proctor, ["compare", "iris", "other"]).stdout

    assert found == compare_studies(studies[0].stored, studies[1].stored)
    assert "difference (other - iris): " in shown
    assert "no difference you could tell" in shown
    assert "both were selected on the dev set, so both flatter" in shown
    assert "test" not in told.stdout + shown


def test_at_80_columns_names_and_figures_are_whole(confirmed: tuple[StoredStudy, StoredStudy]) -> None:
    console = paper()
    print_comparison(compare_studies(*confirmed), console)
    table = text_of(console).splitlines()[:3]
    assert "dev error ± deviation" in table[0]
    assert table[1].startswith("low ")
    assert table[2].startswith("high ")
    assert all(len(line) <= 80 and " % ± " in line for line in table[1:])
