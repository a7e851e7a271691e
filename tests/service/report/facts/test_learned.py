"""Where there is no evidence of learning, that comes first: on screen and page, in Markdown and JSON."""

from pathlib import Path

import numpy as np
import pytest

from service.report.facts.final_facts import learned_on_test
from service.report.facts.paired_difference import difference_of
from service.report.facts.report_contents import gather_contents
from service.report.page.markdown import page_markdown
from service.report.page.page import page_html
from service.report.terminal.report_text import print_report
from service.report.wording.final_figure import nothing_learned_text
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of
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
    assert sentence.startswith(f"the network is not significantly better than {than}")

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
