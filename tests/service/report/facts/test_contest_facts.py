"""A contest's arithmetic, by hand; and which kind is recommended, in which words."""

from math import nan, sqrt

import pytest
from scipy.stats import t

from service.report.facts.comparison import Difference, Part, Verdict, difference_of
from service.report.facts.contest_facts import (
    Contest,
    ContestLine,
    contest_of,
    paired_difference_of_means,
)
from service.report.wording.contest import contest_cells, recommendation
from service.study.search.winner import winner_of
from service.winner.examination.measured_winner import measured_winner
from tests.service.advice.contest_study import KINDS, new_contest
from workers.metrics.metric import Metric

Ends = tuple[float, float] | None
OF_BEST, LEVEL, CLEAR = (nan, nan), (-0.1, 0.3), (0.5, 1.5)


def line(kind: str, figure: float | None, *, interval: Ends = OF_BEST) -> ContestLine:
    """Make a kind's line; without an interval given, the best's."""
    difference = None
    if interval is not OF_BEST:
        value = 0.0 if interval is None else sum(interval) / 2
        difference = difference_of(Metric.RMSE, value=value, interval=interval, method="made")
    return ContestLine(
        kind=kind,
        study=f"made-{kind}",
        trials=4,
        winner=None if figure is None else 1,
        dev_metric=figure,
        n_seeds=2,
        standard_error=0.25,
        difference=difference,
        training_seconds=1.0,
    )


def contest(*lines: ContestLine, best: str) -> Contest:
    made = Contest(kinds=lines, best=best, recommended=None)
    return made.model_copy(update={"recommended": made.level[0]})


def test_the_interval_is_of_the_rows_and_of_the_seeds_of_both() -> None:
    found = paired_difference_of_means(
        Metric.RMSE, 1.5, rows=0.3, seeds=[Part(0.04, 2), Part(0.12, 2)], method="paired"
    )
    variance = 0.09 + 0.04 + 0.12
    degrees = variance**2 / (0.04**2 / 2 + 0.12**2 / 2)
    half = t.ppf(0.975, degrees) * sqrt(variance)
    assert found.interval == pytest.approx((1.5 - half, 1.5 + half))
    assert found.verdict is Verdict.WORSE
    assert half == pytest.approx(1.158, abs=0.001)


def test_without_further_seeds_it_is_that_of_the_rows() -> None:
    found = paired_difference_of_means(Metric.RMSE, 1.5, rows=0.3, seeds=[], method="paired")
    assert found.interval == pytest.approx((1.5 - 1.959964 * 0.3, 1.5 + 1.959964 * 0.3))
    assert found.verdict is Verdict.WORSE
    assert found.method == "paired"


def test_where_the_rows_are_not_known_nothing_is_claimed() -> None:
    found = paired_difference_of_means(Metric.RMSE, 1.5, rows=None, seeds=[Part(0.04, 2)], method="not kept")
    assert found == Difference(value=1.5, interval=None, method="not kept", verdict=Verdict.UNKNOWN)


def test_no_difference_at_all_is_none() -> None:
    found = paired_difference_of_means(Metric.RMSE, 0.0, rows=0.0, seeds=[], method="paired")
    assert (found.interval, found.verdict) == ((0.0, 0.0), Verdict.NO_DIFFERENCE)


@pytest.mark.parametrize(
    ("lines", "best", "recommended", "sentence"),
    [
        pytest.param(
            [
                line("network", 1.0),
                line("boosting", 1.1, interval=LEVEL),
                line("linear", 2, interval=CLEAR),
            ],
            "network",
            "boosting",
            "Use the boosting model: it is the simplest of the kinds that are level on the dev set, where the"
            " network has the best figure but is not clearly better. It may be up to 0.3 behind.",
            id="level",
        ),
        pytest.param(
            [
                line("network", 1.0),
                line("boosting", 1.1, interval=LEVEL),
                line("linear", 1.2, interval=LEVEL),
            ],
            "network",
            "linear",
            "Use the linear model: it is the simplest of the kinds that are level on the dev set (the linear"
            " model, the boosting model and the network), where the network has the best figure but is not"
            " clearly better. It may be up to 0.3 behind.",
            id="all level",
        ),
        pytest.param(
            [
                line("network", 1.1, interval=LEVEL),
                line("boosting", 1.0),
                line("linear", 2, interval=CLEAR),
            ],
            "boosting",
            "boosting",
            "Use the boosting model: it has the best dev figure, and is simpler than the network, which shows"
            " no clear difference from it.",
            id="simplest already",
        ),
        pytest.param(
            [line("network", 1.0), line("linear", 2, interval=CLEAR)],
            "network",
            "network",
            "Use the network: it is clearly better on the dev set than the linear model.",
            id="clear",
        ),
        pytest.param(
            [line("network", 1.0), line("linear", 2, interval=None)],
            "network",
            "network",
            "Use the network: it has the best dev figure, though how far it is ahead of the linear model is"
            " unknown.",
            id="unknown",
        ),
        pytest.param(
            [line("network", 1.0), line("linear", None)],
            "network",
            "network",
            "Use the network: no other kind has a winner.",
            id="alone",
        ),
    ],
)
def test_the_simplest_of_those_that_are_level_is_recommended(
    lines: list[ContestLine], best: str, recommended: str, sentence: str
) -> None:
    made = contest(*lines, best=best)
    assert made.recommended == recommended
    assert recommendation(made, Metric.RMSE) == sentence


def test_a_row_says_how_far_a_kind_is_behind_and_whether_that_is_clear() -> None:
    other = line("linear", 1.2, interval=LEVEL)
    made = contest(line("network", 1.0), other, best="network")
    assert contest_cells(other, made, Metric.RMSE) == (
        *("linear", "made-linear", "1.2 ± 0.25", "0.1 (-0.1 to 0.3)", "no clear difference", "4", "1.0 s"),
    )
    assert contest_cells(made.kinds[0], made, Metric.RMSE)[3:5] == ("-", "the best")


def test_where_higher_is_better_behind_is_still_worse() -> None:
    difference = difference_of(Metric.ROC_AUC, value=-0.2, interval=(-0.3, -0.1), method="made")
    behind = line("linear", 0.7).model_copy(update={"difference": difference})
    made = contest(line("network", 0.9), behind, best="network")
    assert contest_cells(behind, made, Metric.ROC_AUC)[3:5] == ("0.2 (0.1 to 0.3)", "clearly worse")


def test_the_figures_are_those_of_the_trials(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = new_contest(tmp_path_factory.mktemp("contest"))
    made.begin(confirmation={"finalists": 2, "seeds": 2}, keep_sealed=True)
    report = made.go_on()
    assert report.contest is not None
    for told, study in zip(report.contest.kinds, made.chain.studies, strict=True):
        winner = winner_of(study.trials, study.metric)
        runs = [run for run in study.trials if run.user_attrs.get("confirms") == winner.number]
        first, *others = [float(run.value or 0) for run in (winner, *runs)]
        assert len(others) == told.n_seeds == 2
        mean = sum(others) / 2
        assert told.dev_metric == pytest.approx(mean)
        three = [first, *others]
        over_seeds = sum((value - sum(three) / 3) ** 2 for value in three) / 2
        measured = measured_winner(study, winner.number)
        assert measured is not None
        rows = measured.standard_errors["dev"]
        assert told.standard_error == pytest.approx(sqrt(rows**2 + over_seeds / 2))
        assert told.training_seconds == pytest.approx(
            sum(trial.user_attrs["seconds"] for trial in study.trials)
        )
        best = report.contest.line_of_best
        assert best is not None
        assert best.dev_metric is not None
        if told.difference is not None:
            assert told.difference.value == pytest.approx(mean - best.dev_metric)
    assert [told.kind for told in report.contest.kinds] == KINDS


def test_while_kinds_are_left_nothing_is_recommended(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = new_contest(tmp_path_factory.mktemp("contest"))
    made.begin()
    found = contest_of(made.chain)
    assert found is not None
    assert (found.best, found.recommended, recommendation(found, Metric.RMSE)) == (None, None, None)
    assert [told.study for told in found.kinds] == ["made-network", None, None]
