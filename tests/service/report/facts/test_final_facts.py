"""What the opening shows: learned at all, overfitted beside what was foretold, and who had looked before.

Where there is no evidence of learning, that comes first: on screen and page, in Markdown and JSON.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import hypot
from pathlib import Path

import numpy as np
import pytest

from service.advice.rounds import Chain
from service.report.facts.comparison import difference_of
from service.report.facts.final_facts import (
    EarlierLooks,
    Overfitting,
    earlier_looks,
    learned_on_test,
    overfitting_of,
)
from service.report.facts.report_contents import gather_contents
from service.report.page.markdown import page_markdown
from service.report.page.page import page_html
from service.report.terminal.report_text import print_report
from service.report.wording.final_figure import nothing_learned_text, overfitting_text
from service.seal.identity import current_process
from service.seal.openings import Look
from service.study.storage.stored_study import StoredStudy
from service.uncertainty.interval import Interval
from service.uncertainty.proportions import wilson_interval
from service.winner.examination.selection import bootstrap_selection
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric


def study_of(directory: Path, *, is_noise: bool, is_of_numbers: bool = False) -> IrisStudy:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(400, 3))
    signal = rng.normal(size=400) if is_noise else X[:, 0]
    cells = [f"{value:.4f}" for value in signal] if is_of_numbers else np.where(signal > 0, "yes", "no")
    rows = [",".join([*(f"{value:.4f}" for value in row), cell]) for row, cell in zip(X, cells, strict=True)]
    table = directory / "table.csv"
    table.write_text("\n".join(["a,b,c,y", *rows]) + "\n", encoding="utf-8")
    return search_iris(new_store(directory), table=str(table), target="y", name="made", trials=6)


@pytest.mark.parametrize("is_of_numbers", [False, True])
def test_of_noise_it_is_said_first_that_nothing_was_learned(tmp_path: Path, *, is_of_numbers: bool) -> None:
    study = study_of(tmp_path, is_noise=True, is_of_numbers=is_of_numbers)
    study.conclude(keep_sealed=True)
    report = study.report
    assert report.learned is not None
    assert not report.learned.is_beyond_chance
    assert report.learned.examples == "dev"
    sentence = nothing_learned_text(report)
    assert sentence is not None
    than = "always predicting the mean" if is_of_numbers else "always predicting the most frequent class"
    assert sentence.startswith(f"the network is not shown to be better than {than}")

    console = paper()
    print_report(report, console)
    words = " ".join(text_of(console).split())
    assert "No evidence of learning: the network" in words
    assert words.index("No evidence of learning") < words.index("Winner")

    contents = gather_contents(study.stored, study.store)
    for text in (page_html(contents), page_markdown(contents)):
        assert "No evidence of learning." in text
        assert text.index("No evidence of learning.") < text.index("so this is no final figure")
    assert '"is_beyond_chance":false' in report.model_dump_json()


def test_of_a_signal_nothing_of_the_kind_is_said(tmp_path: Path) -> None:
    study = study_of(tmp_path, is_noise=False)
    study.conclude()
    report = study.report
    assert report.learned is not None
    assert report.learned.is_beyond_chance
    assert report.learned.examples == "test"
    assert nothing_learned_text(report) is None
    console = paper()
    print_report(report, console)
    assert "No evidence of learning" not in text_of(console)


@pytest.mark.parametrize(
    ("metric", "interval", "is_beyond"),
    [
        (Metric.ERROR, (-0.15, -0.05), True),
        (Metric.ERROR, (-0.15, 0.05), False),
        (Metric.ERROR, (0.05, 0.15), False),
        (Metric.ROC_AUC, (0.05, 0.15), True),
        (Metric.ROC_AUC, (-0.15, -0.05), False),
    ],
)
def test_the_opened_test_set_decides_by_the_paired_difference(
    metric: Metric, interval: tuple[float, float], *, is_beyond: bool
) -> None:
    value = sum(interval) / 2
    difference = difference_of(metric, value=value, interval=interval, method="paired")
    found = learned_on_test(metric, difference, "majority class")
    assert found.is_beyond_chance is is_beyond
    assert found.gain == pytest.approx(value if metric.higher_is_better else -value)
    assert found.margin == pytest.approx((interval[1] - interval[0]) / 2)


def test_the_gap_is_above_0_where_test_is_worse_whatever_the_metrics_sense() -> None:
    error = overfitting_of(
        Metric.ERROR,
        dev=0.10,
        dev_interval=Interval(0.09, 0.12),
        test=0.15,
        test_interval=Interval(0.13, 0.19),
        foretold=0.0,
    )
    assert error.size == pytest.approx(0.05)
    assert error.standard_error == pytest.approx(hypot(0.02, 0.02) / 1.95996, rel=1e-4)
    assert error.is_clear
    area = overfitting_of(
        Metric.ROC_AUC,
        dev=0.90,
        dev_interval=Interval(0.87, 0.91),
        test=0.91,
        test_interval=Interval(0.85, 0.95),
        foretold=None,
    )
    assert area.size == pytest.approx(-0.01)
    assert area.standard_error == pytest.approx(hypot(0.01, 0.06) / 1.95996, rel=1e-4)
    assert not area.is_clear


@pytest.mark.parametrize(("foretold", "is_clear"), [(None, True), (-0.05, True), (0.01, True), (0.04, False)])
def test_a_gap_that_was_foretold_is_no_accusation(foretold: float | None, *, is_clear: bool) -> None:
    found = overfitting_of(
        Metric.ERROR,
        dev=0.10,
        dev_interval=Interval(0.09, 0.12),
        test=0.15,
        test_interval=Interval(0.13, 0.19),
        foretold=foretold,
    )
    assert found.is_clear is is_clear
    assert found.size == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("n_dev", "n_test", "error_rate", "share_of_same_errors"),
    [(50, 50, 0.05, 0.0), (100, 1000, 0.1, 0.0), (200, 200, 0.2, 0.5), (60, 2000, 0.05, 0.8)],
)
def test_the_best_of_trials_that_are_all_alike_is_seldom_accused(
    n_dev: int, n_test: int, error_rate: float, share_of_same_errors: float
) -> None:
    """Their best dev figure is luck, as the test set shows; by the gap alone, 8 to 77 in 100 are accused."""
    rng = np.random.default_rng(0)
    n_accused = 0
    for study in range(200):
        together, alone = rng.random(n_dev), rng.random((40, n_dev))
        is_wrong = np.where(rng.random((40, n_dev)) < share_of_same_errors, together, alone) < error_rate
        predictions = np.stack([~is_wrong, is_wrong], axis=-1).astype(np.float32)
        y = np.zeros(n_dev, dtype=np.int64)
        foretold = bootstrap_selection(
            Metric.ERROR, predictions, y, units=None, seed=study, n_repeats=30, rule=MOST_PROBABLE
        ).size
        n_wrong, n_wrong_of_test = int(is_wrong.sum(axis=1).min()), int(rng.binomial(n_test, error_rate))
        n_accused += overfitting_of(
            Metric.ERROR,
            dev=n_wrong / n_dev,
            dev_interval=wilson_interval(n_wrong, n_dev),
            test=n_wrong_of_test / n_test,
            test_interval=wilson_interval(n_wrong_of_test, n_test),
            foretold=foretold,
        ).is_clear
    assert n_accused <= 0.05 * 200


@pytest.mark.parametrize(
    ("foretold", "beyond"), [(None, "chance explains"), (0.01, "selection and chance explain")]
)
def test_what_the_gap_is_beyond_is_said(foretold: float | None, beyond: str) -> None:
    found = Overfitting(size=0.05, standard_error=0.01, foretold=foretold, is_clear=True)
    assert f"that is more than {beyond}: the search overfitted the dev set" in overfitting_text(
        found, Metric.ERROR
    )


def test_it_is_told_after_the_opening_and_never_before(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    study.conclude(keep_sealed=True)
    assert study.report.overfitting is None
    study.conclude()
    report = study.report
    assert report.overfitting is not None
    assert report.test is not None
    assert report.winner is not None
    assert report.winner.figures is not None
    assert report.overfitting.size == pytest.approx(
        report.test.models["winner"]["error"] - report.winner.figures["dev"]["error"]
    )
    assert report.selection_bootstrap is not None
    assert report.overfitting.foretold == report.selection_bootstrap.size


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredStudy]:
    store = new_store(tmp_path_factory.mktemp("earlier"))
    yield search_iris(store, name="mine", trials=1).stored
    store.close()


def look(study_name: str, day: int, *, is_finished: bool = True, key: str = "", study_id: int = 0) -> Look:
    when = datetime(2030, 1, day, 9, 30, tzinfo=UTC)
    finished_at, figures = (when, dict[str, object]()) if is_finished else (None, None)
    return Look(
        id=day,
        study_name=study_name,
        study_key=key,
        study_id=study_id,
        is_deleted=False,
        test_fingerprint="ab",
        look=1,
        winner_trial=7,
        reason=None,
        opened_at=when,
        process=current_process(),
        resumes=0,
        finished_at=finished_at,
        figures=figures,
    )


ELSEWHERE = "sqlite:////elsewhere/studies.db"
"""A database that a command finds only where it is named."""


def said(study: StoredStudy, *looks: Look) -> EarlierLooks:
    found = earlier_looks(Chain([study]), looks, storage=ELSEWHERE)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("looks", "who_and_when"),
    [
        ([look("a", 1)], "once: by study a (2030-01-01 09:30 UTC)"),
        (
            [look("a", 1), look("b", 2, is_finished=False)],
            "twice: by study a (2030-01-01 09:30 UTC), by study b (2030-01-02 09:30 UTC, without a figure)",
        ),
        (
            [look(name, day) for day, name in enumerate("abcd", start=1)],
            "4 times: first by study a (2030-01-01 09:30 UTC), last by study d (2030-01-04 09:30 UTC)",
        ),
    ],
)
def test_it_says_how_often_who_and_when(study: StoredStudy, looks: Sequence[Look], who_and_when: str) -> None:
    found = said(study, *looks)
    assert found.sentence == f"this test set was opened before, {who_and_when}"
    assert found.n_looks == len(looks)


def test_it_gives_the_command_that_opens_it(study: StoredStudy) -> None:
    assert said(study, look("a", 1)).unseal == (
        f'proctor unseal mine --look-again "REASON" --storage {ELSEWHERE}'
    )


def test_a_look_of_its_own_is_no_earlier_one(study: StoredStudy) -> None:
    assert earlier_looks(Chain([study]), [], storage=ELSEWHERE) is None
    own = look("a former name", 2, is_finished=False, key=study.identity.key, study_id=1)
    assert earlier_looks(Chain([study]), [look("a", 1), own], storage=ELSEWHERE) is None


def test_rounds_are_one_study_whose_best_is_opened(study: StoredStudy) -> None:
    other = replace(
        study,
        config=study.config.model_copy(update={"name": "round-2"}),
        identity=replace(study.identity, key="other"),
    )
    without = replace(study, trials=[], rounds_ending={"reason": "done", "winner": 2})
    chain = Chain([without, other])
    assert earlier_looks(chain, [look("round-2", 1, key="other", study_id=1)], storage=ELSEWHERE) is None
    found = earlier_looks(chain, [look("a", 1)], storage=ELSEWHERE)
    assert found is not None
    assert found.unseal.startswith("proctor unseal round-2 ")


def test_without_a_test_set_nothing_was_looked_at(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    search_iris(store, name="first", trials=2).conclude()
    without = search_iris(store, name="without", trials=2, split={"no_test": True})
    without.conclude(look_again="in vain")
    assert without.report.earlier_looks is None
    assert len(without.looks) == 0
    store.close()
