"""The recipe: each trouble has its steps, those with evidence first; without one, the last is to stop."""

from typing import Any

import pytest

from search_spaces.network.space import NetworkSpace
from service.advice.advised_steps import AdvisedStep, Facts, StepKind, advise
from service.advice.findings import Finding, FindingKind
from service.advice.gaps import Measured, Trouble, diagnose
from service.advice.tried import Tried
from service.configuration.data_config import DataConfig
from service.configuration.study_config import StudyConfig
from service.data.checks.separation import AdversarialCheck, TellingColumn
from service.winner.learning_curve.learning_curve import CurvePoint, Forecast, LearningCurve
from service.winner.noise_floor.floor import ModelLevel, NoiseFloor
from workers.metrics.metric import Metric

PLAIN = {"learning_rate": {"low": 1e-4, "high": 1e-1, "log": True}}


def finding(kind: FindingKind, name: str | None = None) -> Finding:
    return Finding(kind=kind, hyperparameter=name, text=f"{kind} of {name}", evidence={})


def steps(
    *findings: Finding,
    train: float = 0.0,
    dev: float = 0.0,
    train_dev: float | None = None,
    space: dict[str, Any] = PLAIN,
    n: int = 2000,
    **changes: Any,  # noqa: ANN401 (any other fact)
) -> tuple[AdvisedStep, ...]:
    config = StudyConfig(name="made", data=DataConfig(table="iris"), space=NetworkSpace.model_validate(space))

    def measured(rate: float) -> Measured:
        return Measured(rate, 0.3 / n**0.5, n)

    facts: dict[str, Any] = {
        "config": config,
        "metric": Metric.ERROR,
        "diagnosis": diagnose(
            Metric.ERROR,
            train=measured(train),
            dev=measured(dev),
            best=0.0,
            train_dev=None if train_dev is None else measured(train_dev),
        ),
        "findings": findings,
        "winner": config.space.point(config.space.default_values()),
        "dev_figures": {"winner": dev, "linear model": dev + 0.01},
        "late_gain": 0.0,
        "noise": 0.01,
        "adversarial": None,
        "learning_curve": None,
        "tried": Tried({}, {}, config.space, 0, config.training.max_epochs),
        "floor": None,
        "train_figure": train,
    }
    return advise(Facts(**facts | changes))


def kinds(found: tuple[AdvisedStep, ...]) -> list[StepKind]:
    return [step.step for step in found]


def test_bias_asks_for_a_bigger_network_first_and_never_for_more_data() -> None:
    found = steps(train=0.3, dev=0.3)
    assert kinds(found) == [
        StepKind.BIGGER_NETWORK,
        StepKind.LONGER_TRAINING,
        StepKind.ANOTHER_ARCHITECTURE,
    ]
    assert {step.expected_gain for step in found} == {0.3}
    assert "2 hidden layers of 64 - 64 units" in found[0].evidence[0]


@pytest.mark.parametrize(
    ("kind", "name", "first"),
    [
        (FindingKind.EDGE_OF_RANGE, "learning_rate", StepKind.MOVE_SPACE),
        (FindingKind.EDGE_OF_RANGE, "width", StepKind.BIGGER_NETWORK),
        (FindingKind.EDGE_OF_RANGE, "depth", StepKind.BIGGER_NETWORK),
        (FindingKind.LAST_EPOCH, None, StepKind.LONGER_TRAINING),
    ],
)
def test_what_cut_the_search_short_comes_first(kind: FindingKind, name: str | None, first: StepKind) -> None:
    found = steps(finding(kind, name), train=0.3, dev=0.3)
    assert found[0].step is first
    assert found[0].evidence == (f"{kind} of {name}",)
    assert len(set(kinds(found))) == len(found)


def test_variance_asks_for_regularization_where_there_is_none_and_else_for_data() -> None:
    assert kinds(steps(dev=0.3)) == [
        StepKind.MORE_REGULARIZATION,
        StepKind.MORE_DATA,
        StepKind.AUGMENTATION,
        StepKind.SMALLER_NETWORK,
    ]
    space = {**PLAIN, "l2_lambda": {"low": 0.01, "high": 10, "log": True}, "mixup_alpha": 0.2}
    assert kinds(steps(dev=0.3, space=space)) == [
        StepKind.MORE_DATA,
        StepKind.MORE_REGULARIZATION,
        StepKind.SMALLER_NETWORK,
    ]
    strongest = finding(FindingKind.STRONGEST_REGULARIZATION, "l2_lambda")
    assert kinds(steps(strongest, dev=0.3, space=space))[:2] == [
        StepKind.MORE_REGULARIZATION,
        StepKind.MORE_DATA,
    ]
    useless = finding(FindingKind.NO_REGULARIZATION, "l2_lambda")
    assert StepKind.MORE_REGULARIZATION not in kinds(steps(useless, dev=0.3, space=space))


def test_a_learning_curve_says_what_more_data_would_bring() -> None:
    points = (CurvePoint(n_examples=800, dev_figures=(0.3,), mean=0.3, standard_error=0.01, n_failed=0),)
    twice = Forecast(factor=2, n_examples=1600, figure=0.22, interval=(0.2, 0.24))
    curve = LearningCurve(
        trial=0,
        metric=Metric.ERROR,
        points=points,
        left_out=(),
        dev_standard_error=0.01,
        fit=None,
        why_not=None,
        forecasts=(twice,),
        flat_from=None,
    )
    (more,) = (step for step in steps(dev=0.3, learning_curve=curve) if step.step is StepKind.MORE_DATA)
    assert more.expected_gain == pytest.approx(0.08)
    assert more.expectation == "2 times the train examples, by the learning curve"
    flat = curve.model_copy(update={"forecasts": (), "why_not": "it does not fall"})
    (more,) = (step for step in steps(dev=0.3, learning_curve=flat) if step.step is StepKind.MORE_DATA)
    assert more.evidence == ("the learning curve is inconclusive: it does not fall",)
    assert more.expected_gain == 0.3


def test_mismatch_asks_for_other_data_and_names_the_columns() -> None:
    column = TellingColumn(column="age", area=0.9, interval=(0.8, 1.0))
    check = AdversarialCheck(
        compared="train-dev", n_compared=9, n_dev=9, area=0.9, interval=(0.8, 1), columns=(column,)
    )
    (only, *_) = steps(dev=0.3, train_dev=0.0, adversarial=check)
    assert only.step is StepKind.DATA_LIKE_DEV
    assert "by age (ROC AUC 0.90)" in only.evidence[1]


def tried(
    space: dict[str, Any] = PLAIN, *, best_epoch: int = 0, **values: tuple[float, tuple[float, ...]]
) -> Tried:
    """Say what the winner has of each hyperparameter, and what the trials had."""
    return Tried(
        {name: of_trials for name, (_, of_trials) in values.items()},
        {name: own for name, (own, _) in values.items()},
        NetworkSpace.model_validate(space),
        best_epoch,
        60,
    )


SIZES = {**PLAIN, "width": {"low": 16, "high": 256, "log": True}, "depth": {"low": 1, "high": 4}}
LARGER_WIDTHS = (48, (48, 64, 80, 99, 128, 200, 20, 17, 18, 19, 30))
LARGER_DEPTHS = (2, (2, 3, 3, 3, 4, 4, 1, 1, 1, 1, 1))


def test_a_bigger_network_is_not_advised_where_larger_ones_did_no_better() -> None:
    both = tried(SIZES, width=LARGER_WIDTHS, depth=LARGER_DEPTHS)
    assert StepKind.BIGGER_NETWORK not in kinds(steps(train=0.3, dev=0.3, space=SIZES, tried=both))
    one = tried(SIZES, width=LARGER_WIDTHS, depth=(4, (2, 3, 3, 3, 4, 4)))
    bigger = steps(train=0.3, dev=0.3, space=SIZES, tried=one)[0]
    assert bigger.step is StepKind.BIGGER_NETWORK
    assert bigger.text == "try a bigger network: more hidden layers"
    none = tried(SIZES, width=(240, (48, 64, 80, 99, 128, 200)), depth=(4, (2, 3, 3, 3, 4, 4)))
    assert "more units, or more hidden layers" in steps(train=0.3, dev=0.3, space=SIZES, tried=none)[0].text


def test_where_bias_and_noise_cannot_be_told_apart_a_larger_network_is_tried() -> None:
    reached = ModelLevel(model="network", is_winner=True, figure=0.3, standard_error=0.01)
    floor = NoiseFloor(
        metric=Metric.ERROR, lowest=0, highest=0.32, reached=reached, below=(), models=(reached,), n_train=9
    )
    diagnosis = diagnose(
        Metric.ERROR,
        train=Measured(0.3, 0.01, 2000),
        dev=Measured(0.3, 0.01, 500),
        best=0.0,
        floor=floor,
        open_end="larger networks than the winner were not tried",
    )
    untried = tried(SIZES, width=(250, (16, 250)), depth=(4, (1, 4)))
    found = steps(train=0.3, dev=0.3, space=SIZES, tried=untried, floor=floor, diagnosis=diagnosis)
    assert kinds(found) == [StepKind.BIGGER_NETWORK]
    assert found[0].expected_gain is None
    edge = steps(
        finding(FindingKind.LAST_EPOCH),
        train=0.3,
        dev=0.3,
        space=SIZES,
        tried=tried(SIZES, width=LARGER_WIDTHS, depth=LARGER_DEPTHS),
        floor=floor,
        diagnosis=diagnosis,
    )
    assert kinds(edge) == [StepKind.LONGER_TRAINING]


def test_longer_training_is_not_advised_where_the_winner_stopped_early() -> None:
    assert StepKind.LONGER_TRAINING not in kinds(steps(train=0.3, dev=0.3, tried=tried(best_epoch=22)))
    assert StepKind.LONGER_TRAINING in kinds(steps(train=0.3, dev=0.3, tried=tried(best_epoch=58)))


def test_another_architecture_is_advised_of_what_was_not_searched() -> None:
    (other,) = (step for step in steps(train=0.3, dev=0.3) if step.step is StepKind.ANOTHER_ARCHITECTURE)
    assert other.text.endswith("other activations, batch normalization, another encoding of numbers")
    searched = {
        **PLAIN,
        "activation": {"choices": ["relu", "tanh"]},
        "batch_normalization": {"choices": ["on", "off"]},
        "numeric_encoding": {"choices": ["plain", "piecewise_linear"]},
    }
    assert StepKind.ANOTHER_ARCHITECTURE not in kinds(steps(train=0.3, dev=0.3, space=searched))


def test_regularization_and_a_smaller_network_are_not_advised_where_they_did_no_better() -> None:
    space = {
        **SIZES,
        "l2_lambda": {"low": 0.01, "high": 10, "log": True},
        "keep_prob": {"low": 0.5, "high": 1.0},
    }
    found = tried(
        space,
        width=LARGER_WIDTHS,
        depth=LARGER_DEPTHS,
        l2_lambda=(0.5, (0.5, 1, 2, 3, 4, 5, 6)),
        keep_prob=(0.9, (0.9, 0.8, 0.7, 0.6, 0.55, 0.5)),
    )
    advised = kinds(steps(dev=0.3, space=space, tried=found))
    assert StepKind.MORE_REGULARIZATION not in advised
    assert StepKind.SMALLER_NETWORK not in advised
    assert StepKind.SMALLER_NETWORK in kinds(steps(dev=0.3, space=space))
    (regularize,) = (
        step
        for step in steps(dev=0.3, space=space, tried=tried(space, l2_lambda=(0.5, (0.5, 1, 2, 3, 4, 5, 6))))
        if step.step is StepKind.MORE_REGULARIZATION
    )
    assert regularize.text == "regularize more: more dropout"


def test_where_no_step_of_the_search_is_left_the_model_that_does_better_is() -> None:
    reached = ModelLevel(model="boosted trees", figure=0.1, standard_error=0.01)
    floor = NoiseFloor(
        metric=Metric.ERROR,
        lowest=0.05,
        highest=0.12,
        reached=reached,
        below=(),
        models=(reached,),
        n_train=9,
    )
    diagnosis = diagnose(
        Metric.ERROR, train=Measured(0.3, 0.01, 2000), dev=Measured(0.3, 0.01, 500), best=0.0, floor=floor
    )
    found = steps(
        train=0.3,
        dev=0.3,
        space=SIZES,
        tried=tried(SIZES, best_epoch=20, width=LARGER_WIDTHS, depth=LARGER_DEPTHS),
        floor=floor,
        diagnosis=diagnosis,
    )
    assert kinds(found) == [StepKind.ANOTHER_ARCHITECTURE, StepKind.ANOTHER_MODEL]
    assert found[-1].expected_gain == pytest.approx(0.25)
    assert (
        found[-1].evidence[0] == "on new rows, boosted trees: 10.0 %; on its train rows, the network: 30.0 %"
    )
    assert "5 trials had a larger width than the winner's 48, and none did better" in found[-1].evidence


def test_the_largest_gap_is_gone_for_first() -> None:
    found = kinds(steps(train=0.1, dev=0.4))
    assert found.index(StepKind.MORE_DATA) < found.index(StepKind.BIGGER_NETWORK)
    found = kinds(steps(train=0.4, dev=0.5))
    assert found.index(StepKind.BIGGER_NETWORK) < found.index(StepKind.MORE_DATA)


def test_without_a_clear_gap_the_advice_is_to_stop() -> None:
    assert kinds(steps()) == [StepKind.STOP]
    told = steps(finding(FindingKind.STALLED), dev=0.05, n=250)
    assert kinds(told) == [StepKind.MORE_DEV_EXAMPLES, StepKind.STOP]
    assert "stalled of None" in told[1].evidence


def test_a_search_that_still_gains_may_be_gone_on_with() -> None:
    found = steps(late_gain=0.05)
    assert kinds(found) == [StepKind.STOP, StepKind.MORE_TRIALS]
    assert found[1].expected_gain == 0.05


def test_at_the_noise_floor_no_more_trials_are_advised() -> None:
    reached = ModelLevel(model="network", is_winner=True, figure=0.3, standard_error=0.01)
    floor = NoiseFloor(
        metric=Metric.ERROR, lowest=0, highest=0.32, reached=reached, below=(), models=(reached,), n_train=9
    )
    sides = Measured(0.3, 0.01, 2000), Measured(0.3, 0.01, 500)
    diagnosis = diagnose(Metric.ERROR, train=sides[0], dev=sides[1], best=0.0, floor=floor)
    assert diagnosis.trouble is Trouble.NOISE_FLOOR
    found = steps(train=0.3, dev=0.3, floor=floor, diagnosis=diagnosis, late_gain=0.05)
    assert kinds(found) == [StepKind.STOP]


def test_the_search_is_mended_whatever_the_gaps() -> None:
    broken = finding(FindingKind.DEEP_NETWORKS_BREAK_OFF, "depth")
    edge = finding(FindingKind.EDGE_OF_RANGE, "learning_rate")
    assert kinds(steps(broken, edge)) == [StepKind.STOP, StepKind.MOVE_SPACE, StepKind.MEND_FAILURES]
    assert kinds(steps(broken, edge, train=0.3, dev=0.3))[0] is StepKind.MOVE_SPACE


def test_a_baseline_that_does_as_well_is_evidence_for_another_architecture() -> None:
    found = steps(train=0.3, dev=0.3, dev_figures={"winner": 0.3, "linear model": 0.29})
    (other,) = (step for step in found if step.step is StepKind.ANOTHER_ARCHITECTURE)
    assert other.evidence == ("on the dev set it does no better than the linear model",)


def test_nothing_is_said_of_a_bayes_error_that_the_metric_has_none_of() -> None:
    found = steps(train=0.3, dev=0.3, metric=Metric.LOG_LOSS)
    assert len(found[0].evidence) == 1
