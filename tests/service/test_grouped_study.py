"""A study of groups, from its table to its report: every interval counts a group as one."""

import numpy as np
import polars as pl
import pytest

from service.data.preparation.prepared_data import read_known
from service.report.facts.report_contents import gather_contents
from service.report.page.markdown import page_markdown
from service.tables.column_kinds import ColumnKind
from service.winner.examination.candidate import dev_intervals
from service.winner.examination.conclusion import measure_winner
from service.winner.learning_curve.curve_plan import learner_of, plan_curve
from tests.service.iris_study import IrisStudy, new_store, search_iris
from workers.metrics.metric import Metric

N_GROUPS = 100


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> IrisStudy:
    """Run a study whose rows come in groups of ten that are almost copies."""
    folder = tmp_path_factory.mktemp("grouped")
    rng = np.random.default_rng(0)
    of_group = rng.normal(size=(N_GROUPS, 2))
    group = np.repeat(np.arange(N_GROUPS), 10)
    X = of_group[group] + 0.01 * rng.normal(size=(10 * N_GROUPS, 2))
    y = (of_group.sum(axis=1) + 1.5 * rng.normal(size=N_GROUPS) > 0)[group]
    path = folder / "visits.csv"
    pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "patient": group, "y": np.where(y, "yes", "no")}).write_csv(
        path
    )
    store = new_store(folder)
    found = search_iris(
        store, table=str(path), target="y", name="visits", columns={"patient": ColumnKind.GROUP}
    )
    found.conclude()
    return found


def test_the_test_figures_interval_is_over_the_test_sets_groups(study: IrisStudy) -> None:
    test = study.report.test
    assert test is not None
    n_groups = test.n_examples // 10
    assert test.interval_method == f"Wilson, {n_groups} independent groups or records"
    rate = test.models["winner"]["error"]
    by_rows = np.sqrt(rate * (1 - rate) / test.n_examples)
    assert test.interval[1] - test.interval[0] > 2 * 2 * 1.96 * by_rows


def test_what_is_measured_on_dev_is_too(study: IrisStudy) -> None:
    stored = study.stored.winner
    assert stored is not None
    rate, n = stored["models"]["winner"]["dev"]["error"], study.report.n_examples["dev"]
    assert stored["standard_errors"]["dev"] > 2 * np.sqrt(rate * (1 - rate) / n)
    low, high = stored["dev_intervals"]["error"]
    assert high - low == pytest.approx(2 * 1.96 * stored["standard_errors"]["dev"], rel=1e-3)
    candidate = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    found = dev_intervals(candidate, seed=0)
    assert found is not None
    assert found[Metric.ERROR] == (low, high)


def test_the_worst_dev_rows_name_their_group(study: IrisStudy) -> None:
    analysis = study.report.dev_analysis
    assert analysis is not None
    for each in analysis.worst_examples:
        assert list(each.cells) == ["patient", "a", "b"]
        assert each.cells["patient"] == f"{(each.row - 1) // 10}"


def test_rows_cells_are_kept_nowhere_if_a_study_says_so(study: IrisStudy) -> None:
    config = study.stored.config
    silent = search_iris(
        study.store,
        table=config.data.table,
        target="y",
        name="silent",
        trials=1,
        columns={"patient": ColumnKind.GROUP},
        no_row_cells=True,
    )
    silent.conclude(keep_sealed=True)
    analysis = silent.report.dev_analysis
    assert analysis is not None
    assert [each.cells for each in analysis.worst_examples] == [{}] * len(analysis.worst_examples)
    assert analysis.worst_examples
    page = page_markdown(gather_contents(silent.stored, silent.store))
    assert "Dev rows with the largest log loss. Some may be mislabeled" in page


def test_a_calibration_bin_of_a_few_groups_is_uncertain(study: IrisStudy) -> None:
    analysis = study.report.dev_analysis
    assert analysis is not None
    assert all(each.standard_error > 0.08 for each in analysis.calibration)


def test_a_learning_curve_knows_the_dev_sets_groups(study: IrisStudy) -> None:
    learner = learner_of(study.stored)
    plan = plan_curve(learner, read_known(study.stored.config), n_seeds=2, study_seed=0)
    assert plan.dev_units is not None
    assert len(np.unique(plan.dev_units)) == study.report.n_examples["dev"] // 10
