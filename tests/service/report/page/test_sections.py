"""What each section says, also of studies without a winner or test set, with folds, failures, many looks."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from optuna.trial import TrialState

from service.advice.expected_best import ExpectedBest
from service.advice.rounds import RoundLine, Rounds
from service.report.facts.final_facts import EarlierLooks, LookLine
from service.report.facts.report_contents import ReportContents
from service.report.facts.study_report import StudyReport
from service.report.page.blocks import (
    Bullets,
    Command,
    Folded,
    Headline,
    Numbers,
    Paragraph,
    Picture,
    Section,
    Table,
)
from service.report.page.markdown import page_markdown
from service.report.page.page import page_html
from service.report.page.report_sections import appendix, reproduction
from service.report.page.sections.answer import answer
from service.report.page.sections.next_steps import next_steps
from service.report.page.sections.search import search
from service.report.page.sections.trust import trust
from service.report.page.sections.winner import failures, learning
from service.report.wording.numbers import metric_text
from tests.service.report.page.html_page import parsed
from tests.service.report.page.made_contents import full_contents
from workers.metrics.metric import Metric

SVG = "{http://www.w3.org/2000/svg}"


def changed(contents: ReportContents, **changes: object) -> ReportContents:
    """Return a report with other values."""
    return replace(contents, report=contents.report.model_copy(update=changes))


def texts(section: Section) -> str:
    """Return all that a section says outside of tables and pictures."""
    said = []
    for block in section.blocks:
        if isinstance(block, Paragraph):
            said.append(f"{block.lead} {block.text}".strip())
        elif isinstance(block, Bullets):
            said += block.items
    return "\n".join(said)


def table(section: Section, caption: str) -> Table:
    """Return the table whose caption begins so."""
    (found,) = [b for b in section.blocks if isinstance(b, Table) and b.caption.startswith(caption)]
    return found


def picture(section: Section, title: str) -> Picture:
    """Return the picture of a title, which may be folded away."""
    folded = [inside for b in section.blocks if isinstance(b, Folded) for inside in b.blocks]
    blocks = [*section.blocks, *folded]
    (found,) = [b for b in blocks if isinstance(b, Picture) and b.title == title]
    return found


def look(report: StudyReport, number: int, *, study: str | None = None, finished: bool = True) -> LookLine:
    return LookLine(
        user="anna",
        study=study or report.study,
        is_deleted=False,
        look=number,
        opened_at=datetime(2030, 1, number, tzinfo=UTC),
        reason="lost it" if number > 1 else None,
        is_finished=finished,
    )


def test_without_a_winner_every_section_says_so(contents: Mapping[str, ReportContents]) -> None:
    none = replace(
        changed(contents["searched"], winner=None, gaps=None, optimism=None, failures={"diverged": 3}),
        curves=(),
    )

    assert "There is no answer yet." in texts(answer(none))
    assert "no winner yet" in texts(learning(none))
    assert "no winner yet" in texts(failures(none))
    assert "once the winner has been measured" in texts(next_steps(none))
    assert "3 x: diverged" in texts(search(none))
    assert len(parsed(page_html(none)).all("section")) == 9


def test_a_study_without_any_trial_has_a_page(contents: Mapping[str, ReportContents]) -> None:
    empty = replace(
        changed(contents["searched"], winner=None, optimism=None),
        points=(),
        axes=(),
        curves=(),
        importances=None,
        why_no_importances="no trial has ended",
    )

    assert not [block for block in search(empty).blocks if isinstance(block, Picture | Numbers)]
    assert "Which hyperparameters mattered is unknown: no trial has ended." in texts(search(empty))
    assert len(parsed(page_html(empty)).all("section")) == 8


def test_trials_that_all_failed_have_a_page(contents: Mapping[str, ReportContents]) -> None:
    points = tuple(
        replace(point, state=TrialState.FAIL, figure=None, epochs=0) for point in contents["searched"].points
    )
    failed = replace(
        changed(contents["searched"], winner=None, optimism=None, failures_in_common="a rate above 0.1"),
        points=points,
        curves=(),
    )

    assert len(parsed(page_html(failed)).all("section")) == 9
    assert "trials failed: a rate above 0.1" in texts(answer(failed))


def test_without_a_test_set_the_figure_is_a_dev_figure(contents: Mapping[str, ReportContents]) -> None:
    report = contents["opened"].report
    sizes = {name: n for name, n in report.n_examples.items() if name != "test"}
    dev = changed(contents["opened"], n_examples=sizes, test=None, looks=())

    assert "No test set was held back, so this is a dev figure." in texts(answer(dev))
    assert "Because the network was chosen for this figure, it is optimistic by about" in texts(answer(dev))
    assert "There is no test set." in texts(trust(dev))
    assert table(answer(dev), "Network").columns == ("model", "train", "dev")


def test_what_others_looks_keep_sealed_is_told_with_who_when_and_what_to_type(
    contents: Mapping[str, ReportContents],
) -> None:
    report = contents["sealed"].report
    earlier = EarlierLooks(
        n_looks=1,
        sentence="this test set was opened before, once: by study other (2030-01-01 00:00 UTC)",
        unseal='proctor unseal sealed --look-again "REASON"',
    )
    kept = changed(contents["sealed"], earlier_looks=earlier, looks=(look(report, 1, study="other"),))

    assert f"The test figure is sealed: {earlier.sentence}." in texts(answer(kept))
    assert "The test figure is sealed. This test set was opened before, once: by study other" in texts(
        trust(kept)
    )
    assert Command(earlier.unseal) in trust(kept).blocks
    assert table(trust(kept), "Every opening").rows[0][:4] == ("other", "1", "2030-01-01 00:00", "anna")
    assert earlier.unseal in page_markdown(kept)


def test_further_looks_are_told_with_a_warning(contents: Mapping[str, ReportContents]) -> None:
    report = contents["opened"].report
    once = trust(contents["opened"])
    often = trust(
        changed(
            contents["opened"],
            looks=(look(report, 1), look(report, 2), look(report, 3, study="other", finished=False)),
        )
    )

    assert "opened once by this study, and by no other" in texts(once)
    assert "each further look" not in texts(once)
    assert "opened 2 times by this study, and once by others" in texts(often)
    assert "each further look makes it a little less believable" in texts(often)
    rows = table(often, "Every opening").rows
    assert rows[1] == ("opened", "2", "2030-01-02 00:00", "anna", "lost it", "with a figure")
    assert rows[2][0] == "other"
    assert rows[2][-1] == "without a figure"


def test_optimism_is_told_as_predicted_and_as_seen(contents: Mapping[str, ReportContents]) -> None:
    report = contents["opened"].report
    assert report.test is not None
    assert report.winner is not None
    assert report.winner.figures is not None
    said = texts(trust(contents["opened"]))

    on_test = metric_text(report.metric, report.test.models["winner"][report.metric])
    on_dev = metric_text(report.metric, report.winner.figures["dev"][report.metric])
    assert f"Seen: {on_test} on the test set, {on_dev} on the dev set: " in said
    assert "selecting on dev was expected to cost" in said
    assert "Estimated at most, if all 12 trials were equally good: " in said
    assert "Seen:" not in texts(trust(contents["sealed"]))


def test_the_winners_seeds_are_a_table(contents: Mapping[str, ReportContents]) -> None:
    report = contents["opened"].report
    assert report.confirmation is not None
    assert report.winner is not None
    finalists = table(trust(contents["opened"]), "Finalists")

    assert [int(row[0]) for row in finalists.rows] == [each.trial for each in report.confirmation.finalists]
    (strong,) = finalists.strong
    assert int(finalists.rows[strong][0]) == report.winner.trial


def test_folds_are_a_table_and_have_no_one_networks_mistakes(contents: Mapping[str, ReportContents]) -> None:
    assert len(table(trust(contents["folds"]), "Its figure in each fold").rows) == 3
    assert "Parts of the rows took turns as dev set" in texts(failures(contents["folds"]))


def test_the_search_has_a_picture_a_hyperparameter_and_all_trials(
    contents: Mapping[str, ReportContents],
) -> None:
    shown = contents["opened"]
    section = search(shown)
    report = shown.report
    assert report.winner is not None

    slices = {b.title for b in section.blocks if isinstance(b, Picture) and b.title.startswith("By ")}
    assert slices == {f"By {axis.name}" for axis in shown.axes}
    assert picture(appendix(shown), "All hyperparameters at once").is_wide
    (trials,) = [block for block in section.blocks if isinstance(block, Numbers)]
    assert len(trials.rows) == len(shown.points)
    named = [row[0] for row in table(section, "The winner, trial").rows]
    assert set(report.winner.searched) <= set(named)


def test_what_pruning_left_is_counted(contents: Mapping[str, ReportContents]) -> None:
    points = contents["opened"].points
    states = [TrialState.PRUNED, TrialState.PRUNED, TrialState.COMPLETE, TrialState.COMPLETE, TrialState.FAIL]
    epochs = [1, 2, 4, 4, 1]
    made = tuple(
        replace(point, state=state, epochs=n) for point, state, n in zip(points, states, epochs, strict=False)
    )
    numbers = picture(search(replace(contents["opened"], points=made)), "Trials still in training").numbers

    assert isinstance(numbers, Numbers)
    assert numbers.rows == ((1, 5, 0), (2, 3, 1), (3, 2, 2), (4, 2, 2))


def test_it_learned_by_the_curves_of_each_seed(contents: Mapping[str, ReportContents]) -> None:
    shown = contents["opened"]
    section = learning(shown)
    own, other = shown.curves
    assert shown.report.winner is not None

    assert own.trial == shown.report.winner.trial
    assert own.best_epoch == shown.report.winner.best_epoch
    assert own.seed != other.seed
    (numbers,) = [block for block in section.blocks if isinstance(block, Numbers)]
    assert len(numbers.rows) == len(own.dev_loss) + len(other.dev_loss)
    assert numbers.rows[0] == (own.trial, own.seed, 1, own.train_loss[0], own.dev_loss[0], own.dev_metric[0])
    assert "2 seeds" in picture(section, "What training lowers").alternative
    assert "standard deviation" in picture(appendix(shown), "Outputs of its layers").alternative.lower()


def test_mistakes_of_classes_and_of_numbers(contents: Mapping[str, ReportContents]) -> None:
    of_classes = failures(full_contents(contents["opened"]))
    of_numbers = failures(full_contents(contents["regression"]))

    confusion = table(of_classes, "What each class was predicted as")
    assert confusion.rows[1] == ("versicolor", "1", "35", "4")
    assert confusion.shades[1][1] == 35 / 40
    assert "1 row of rarer classes" in texts(of_classes)
    assert "All of this comes from 120 dev rows, drawn at random from 300" in texts(of_classes)
    assert table(of_classes, "Kinds of rows").columns[3] == "error"
    assert table(of_classes, "Kinds of rows").rows[0][3:5] == ("36.00 %", "4.00 %")
    assert table(of_numbers, "Kinds of rows").rows[0][3:5] == ("0.6", "0.2")
    picture(of_classes, "Are its probabilities right?")
    picture(answer(full_contents(contents["regression"])), "Predicted and actual")
    assert table(of_numbers, "How far").rows == (("-210", "-80", "3", "95", "230"),)
    for section in (of_classes, of_numbers):
        assert [row[1] for row in table(section, "Kinds of rows").rows] == ["4.8 to 5.1"]  # the clear one
        worst = table(section, "Dev rows with the largest")
        assert worst.columns[5:] == ("flower", "petal length")
        assert worst.rows[0][:2] == ("iris.csv", "71")
        assert [row[5:] for row in worst.rows] == [("f-71", "petal length"), ("f-84", "-")]


def test_groups_of_rows_that_may_be_worse_by_chance_are_not_shown(
    contents: Mapping[str, ReportContents],
) -> None:
    full = full_contents(contents["opened"])
    assert full.report.dev_analysis is not None
    by_chance = tuple(each for each in full.report.dev_analysis.slices if not each.is_clear)
    assert by_chance
    for slices in ((), by_chance):
        analysis = full.report.dev_analysis.model_copy(update={"slices": slices})
        section = failures(changed(full, dev_analysis=analysis))
        assert "Of the 48 groups of rows that were examined, none is worse than the rest beyond" in texts(
            section
        )
        assert not [b for b in section.blocks if isinstance(b, Table) and b.caption.startswith("Kinds")]


def test_trials_are_drawn_at_their_numbers(contents: Mapping[str, ReportContents]) -> None:
    """The dots, the line of the best so far, and what so many trials reach on average."""
    shown = contents["opened"]
    falling = tuple(0.5 - 0.01 * n for n in range(len(shown.points)))
    expected = ExpectedBest(figures=falling, n_trials=len(falling), why_not=None)
    svg = picture(search(changed(shown, expected_best_so_far=expected)), "The best so far").svg

    root = ET.fromstring(svg)  # noqa: S314 (our own)
    numbers, places = zip(*_dots(root), strict=True)
    ends = {text: place for text, place in _labels(root) if text in {"0", "10"}}
    unit = (ends["10"] - ends["0"]) / 10
    assert sorted(numbers) == [point.trial for point in shown.points if point.figure is not None]
    for number, place in zip(numbers, places, strict=True):
        assert place == pytest.approx(ends["0"] + number * unit, abs=0.3)
    lines = [line for line in _lines(root) if len(line) > 1]
    first, last = min(point.trial for point in shown.points if point.state is TrialState.COMPLETE), 11
    assert lines[0][0] == pytest.approx(ends["0"] + first * unit, abs=0.3)
    assert lines[-1][0] == pytest.approx(ends["0"], abs=0.3)
    for line in lines:
        assert line[-1] == pytest.approx(ends["0"] + last * unit, abs=0.3)


def test_importances_that_may_be_chance_are_faint_and_said(contents: Mapping[str, ReportContents]) -> None:
    found = contents["opened"].importances
    assert found is not None
    first, *others = found.importances
    some = found.model_copy(
        update={
            "importances": (
                first.model_copy(update={"is_clear": True}),
                *(each.model_copy(update={"is_clear": False}) for each in others),
            )
        }
    )
    none = found.model_copy(
        update={
            "importances": tuple(each.model_copy(update={"is_clear": False}) for each in found.importances)
        }
    )

    shown = picture(search(replace(contents["opened"], importances=some)), "What mattered")
    assert shown.svg.count('class="faint"') == len(others)
    assert shown.legend == ("beyond chance", "may be chance")
    assert shown.caption.startswith(f"Beyond chance: {first.hyperparameter}. The bars show")
    shown = picture(search(replace(contents["opened"], importances=none)), "What mattered")
    assert shown.svg.count('class="faint"') == len(found.importances)
    assert shown.legend == ("", "may be chance")
    assert shown.caption.startswith("All of this may be chance. The bars show")
    assert (
        "(may be chance)"
        in table(search(replace(contents["opened"], importances=none)), "The winner, trial").rows[0][3]
    )


def test_a_balanced_figure_is_told_with_the_plain_error_and_each_class(
    contents: Mapping[str, ReportContents],
) -> None:
    report = contents["opened"].report
    assert report.test is not None
    assert report.test.by_class is not None
    assert report.winner is not None
    balanced = answer(changed(contents["opened"], metric=Metric.BALANCED_ERROR))
    classes = [each.name for each in report.test.by_class.classes]
    (headline,) = [block for block in balanced.blocks if isinstance(block, Headline)]
    assert headline.interval.endswith(f"; plain error {100 * report.test.by_class.error:.2f} %")

    assert f"the network gets {100 * report.test.models['winner']['error']:.2f} % of them wrong" in texts(
        balanced
    )
    assert [row[0] for row in table(balanced, "Each class of the test set").rows] == classes
    assert "of the rows" not in texts(balanced)
    assert "Class by class." not in texts(answer(contents["opened"]))
    sealed = answer(changed(contents["opened"], metric=Metric.BALANCED_ERROR, test=None, looks=()))
    assert [row[0] for row in table(sealed, "Each class of the dev set").rows] == classes


def _dots(root: ET.Element) -> list[tuple[int, float]]:
    """Return trial and place of each dot."""
    found = []
    for circle in root.iter(f"{SVG}circle"):
        title = circle.find(f"{SVG}title")
        if title is not None and title.text:
            found.append((int(title.text.split()[1].rstrip(":")), float(circle.attrib["cx"])))
    return found


def _labels(root: ET.Element) -> list[tuple[str, float]]:
    """Return text and place of each mark of the lower axis."""
    (axis,) = [group for group in root.iter(f"{SVG}g") if group.get("class", "").startswith("axis x")]
    return [(text.text or "", float(text.attrib["x"])) for text in axis.iter(f"{SVG}text")]


def _lines(root: ET.Element) -> list[list[float]]:
    """Return the places along the lower axis of each line's corners."""
    paths = [
        path
        for group in root.iter(f"{SVG}g")
        if group.get("class", "").startswith("series")
        for path in group.iter(f"{SVG}path")
    ]
    return [[float(x) for x in re.findall(r"[ML ]([\d.]+) [\d.]+", path.attrib["d"])] for path in paths]


def test_what_next_has_gaps_findings_advice_and_more_rows(contents: Mapping[str, ReportContents]) -> None:
    full = full_contents(contents["opened"])
    section = next_steps(full)
    gaps = full.report.gaps
    assert gaps is not None

    numbers = picture(section, "Where the error comes from").numbers
    assert isinstance(numbers, Numbers)
    assert [row[2] for row in numbers.rows] == [gaps.avoidable_bias, gaps.variance]
    said = texts(section)
    assert "1. Search learning rates above 0.03 as well (gains at most 1.00 points, as far as the" in said
    assert (
        "The best values of learning_rate lie at the upper edge of its range, as petal length shows." in said
    )
    assert "With twice the train examples, 180: dev error 3.10 % (2.00 % to 4.00 %)." in said
    assert "From 120 train examples on, doubling them gains less than 4.00 points" in said
    assert "6 train rows are left out: its trainings broke off." in said
    assert "11.59 % with 11, 3.61 % with 90" in picture(section, "What more rows would bring").alternative


def test_a_learning_curve_without_a_fit_says_why(contents: Mapping[str, ReportContents]) -> None:
    curve = full_contents(contents["opened"]).report.learning_curve
    assert curve is not None
    unfit = curve.model_copy(update={"fit": None, "why_not": "no fall beyond chance", "forecasts": ()})

    section = next_steps(changed(contents["opened"], learning_curve=unfit))
    assert "The effect of more data is unknown: no fall beyond chance." in texts(section)
    assert picture(section, "What more rows would bring").legend == ()


def test_the_command_is_there_to_be_copied(contents: Mapping[str, ReportContents]) -> None:
    shown = contents["opened"]
    page = parsed(page_html(shown))

    assert [code.words for code in page.all("code")] == [shown.report.reproduce]
    facts = {row[0]: row[1] for row in table(reproduction(shown), "What it ran with").rows}
    assert facts["seed"] == "0"
    assert facts["fingerprint of test rows"] == shown.fingerprints["test rows"]
    assert {"numpy", "optuna", "python", "proctor"} <= facts.keys()


def test_rounds_are_a_table_with_the_best_one_strong(contents: Mapping[str, ReportContents]) -> None:
    line = RoundLine(
        study="opened",
        step=None,
        reasons={},
        trials=12,
        epochs=40,
        winner=3,
        dev_metric=0.1,
        trouble="avoidable bias",
    )
    second = line.model_copy(
        update={"study": "opened-2", "step": "bigger network", "reasons": {"space": "it was too small"}}
    )
    rounds = Rounds(most=2, rounds=(line, second), winner="opened-2", ending="there were as many as allowed")
    section = search(changed(contents["opened"], rounds=rounds))

    shown = table(section, "Rounds of search")
    assert shown.rows[1] == ("opened-2", "bigger network", "avoidable bias", "10.00 %", "12", "40")
    assert shown.strong == (1,)
    assert "opened-2: it was too small" in texts(section)
    assert "No further round: there were as many as allowed." in texts(section)
