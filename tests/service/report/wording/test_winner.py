"""Beside a balanced figure stand the plain error, what a constant reaches, and one class's recall."""

from service.report.wording.winner import by_class_lines, by_class_sentences
from service.winner.examination.figures import ByClass, ClassFigures
from workers.metrics.metric import Metric


def figures_of(name: str, n_examples: int, n_predicted: int, n_right: int) -> ClassFigures:
    return ClassFigures(
        name=name,
        n_examples=n_examples,
        n_predicted=n_predicted,
        n_right=n_right,
        recall=n_right / n_examples if n_examples else None,
        precision=n_right / n_predicted if n_predicted else None,
    )


BOOKINGS = ByClass(commonest="no", classes=(figures_of("no", 345, 260, 250), figures_of("yes", 55, 140, 45)))


def test_a_plain_error_that_is_worse_than_always_no_is_said() -> None:
    assert by_class_lines(BOOKINGS) == (
        "plain error 26.25 %; always predicting no: 13.75 %",
        "yes, the rarer class: recall 81.82 % (45 of 55 found), precision 32.14 % (45 of 140 predicted)",
    )


def test_the_page_says_it_in_sentences() -> None:
    said = by_class_sentences(BOOKINGS, Metric.BALANCED_ERROR, noun="network")
    assert said.startswith("This figure is the mean of the classes' error rates, so a rare class")
    assert "the network gets 26.25 % of them wrong; always predicting no gets 13.75 % wrong." in said
    assert said.endswith(
        "Of 55 rows of yes, the rarer class, it finds 45 (recall 81.82 %); of 140 rows that it predicts as"
        " yes, 45 are yes (precision 32.14 %)."
    )
    assert "mean of the classes' F1 scores" in by_class_sentences(BOOKINGS, Metric.MACRO_F1, noun="network")


def test_a_class_that_is_never_predicted_has_no_precision() -> None:
    never = ByClass(commonest="no", classes=(figures_of("no", 345, 400, 345), figures_of("yes", 55, 0, 0)))
    assert by_class_lines(never)[1] == (
        "yes, the rarer class: recall 0.00 % (0 of 55 found), no row is predicted as yes"
    )
    assert by_class_sentences(never, Metric.MACRO_F1, noun="network").endswith(
        "Of 55 rows of yes, the rarer class, it finds 0 (recall 0.00 %); it predicts yes for no row."
    )


def test_of_several_classes_the_one_that_is_found_least_is_named() -> None:
    three = ByClass(
        commonest="a",
        classes=(figures_of("a", 5, 5, 5), figures_of("b\n", 4, 5, 3), figures_of("c", 1, 0, 1)),
    )
    assert "b\\n, the class with the lowest recall: recall 75.00 %" in by_class_lines(three)[1]


def test_under_another_metric_unbalanced_classes_are_said_to_be_so() -> None:
    assert BOOKINGS.is_unbalanced
    assert by_class_sentences(BOOKINGS, Metric.ERROR, noun="network").startswith(
        "The classes differ much in size. Counted by"
    )
    even = ByClass(commonest="no", classes=(figures_of("no", 60, 60, 50), figures_of("yes", 40, 40, 30)))
    assert not even.is_unbalanced
