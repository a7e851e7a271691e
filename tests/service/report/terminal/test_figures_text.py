"""The clear slices in the report's text: a line each, three at most, and nothing where none is clear."""

from pathlib import Path

import pytest

from service.report.terminal.figures_text import print_dev_analysis
from service.report.terminal.report_text import print_report
from service.winner.examination.dev_analysis.values import DevAnalysis, ExampleLoss, Slice, SliceKind
from tests.service.iris_study import new_store, search_iris
from tests.service.paper import paper, text_of


def a_slice(
    column: str = "city",
    values: str = "Berlin",
    kind: SliceKind = SliceKind.VALUE,
    *,
    mean: float = 0.4,
    is_clear: bool = True,
) -> Slice:
    return Slice(
        column=column,
        kind=kind,
        values=values,
        n_examples=84,
        mean_loss=mean,
        others_mean_loss=0.04,
        standard_error=0.01,
        share_of_loss=0.436,
        is_clear=is_clear,
    )


def shown(*slices: Slice, loss: ExampleLoss = ExampleLoss.ERROR) -> list[str]:
    analysis = DevAnalysis(
        n_examples=900,
        n_dev=900,
        confusion=None,
        residuals=None,
        calibration=(),
        calibrated_class=None,
        loss=loss,
        n_slices=60,
        n_columns_left_out=0,
        slices=slices,
        worst_examples=(),
    )
    console = paper(width=100)
    print_dev_analysis(analysis, console)
    return text_of(console).splitlines()


def test_a_slice_is_told_beside_the_rest() -> None:
    assert shown(a_slice()) == [
        "Where the dev error is higher beyond chance:",
        "  city = Berlin: error 40.00 %, elsewhere 4.00 % (84 examples, 44 % of it)",
        "",
    ]


def test_a_slice_is_named_by_what_its_examples_have_in_common() -> None:
    lines = shown(
        a_slice("species", "virginica", SliceKind.CLASS),
        a_slice("age", "31 to 45", SliceKind.RANGE),
        a_slice("income", "missing", SliceKind.MISSING),
    )
    assert [line.split(":")[0] for line in lines[1:4]] == [
        "  species = virginica",
        "  age 31 to 45",
        "  income missing",
    ]


@pytest.mark.parametrize(
    ("loss", "title", "figures"),
    [
        (ExampleLoss.BALANCED_ERROR, "balanced error", "balanced error 25.00 %, elsewhere 4.00 %"),
        (ExampleLoss.LOG_LOSS, "log loss", "log loss 0.25, elsewhere 0.04"),
        (ExampleLoss.SQUARED_ERROR, "squared error", "RMSE 0.5, elsewhere 0.2"),
        (ExampleLoss.ABSOLUTE_ERROR, "absolute error", "MAE 0.25, elsewhere 0.04"),
    ],
)
def test_figures_are_those_that_people_know(loss: ExampleLoss, title: str, figures: str) -> None:
    lines = shown(a_slice(mean=0.25), loss=loss)
    assert lines[0] == f"Where the dev {title} is higher beyond chance:"
    assert figures in lines[1]


def test_three_slices_are_shown_and_only_clear_ones() -> None:
    assert len(shown(*[a_slice(values=str(index)) for index in range(5)])) == 1 + 3 + 1
    assert len(shown(a_slice(), a_slice("age", is_clear=False))) == 1 + 1 + 1
    assert shown(a_slice(is_clear=False)) == []
    assert shown() == []


def test_it_stands_in_the_report_of_a_study_whose_winner_was_measured(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), trials=1)
    study.conclude(keep_sealed=True)
    report = study.report
    study.store.close()
    assert report.dev_analysis is not None
    clear = report.dev_analysis.model_copy(update={"slices": (a_slice(),)})
    for analysis, is_shown in ((clear, True), (None, False)):
        console = paper()
        print_report(report.model_copy(update={"dev_analysis": analysis}), console)
        assert ("city = Berlin" in text_of(console)) is is_shown


def test_a_cell_gives_the_terminal_no_orders() -> None:
    (_, line, _) = shown(a_slice("a\nb", "\x1b[31mred \u202e" + "x" * 70))
    assert line.startswith(r"  a\nb = \x1b[31mred \u202e" + "x" * 20)
    assert "x…: error" in line
