"""The diagnosis of a study: its gaps, what its search shows, and the steps that follow.

It is made from what the study's storage holds of train and dev set alone: no test figure stands there.
"""

from collections.abc import Mapping, Sequence
from math import sqrt

from pydantic import BaseModel, ConfigDict

from search_spaces.network.point import NetworkPoint
from service.advice.advised_steps import CAPACITY, NOT_TRIED, AdvisedStep, Facts, advise
from service.advice.confirmation import winner_over_seeds
from service.advice.expected_best import ExpectedBest, expected_best_in
from service.advice.findings import Finding, FindingKind, findings_of, gain_of_second_half
from service.advice.gaps import Diagnosis, Measured, Trouble, diagnose
from service.advice.tried import Tried, standing_of
from service.study.search.winner import has_winner, winner_of
from service.study.storage.stored_study import StoredStudy
from service.winner.examination.measured_winner import MeasuredWinner, measured_winner
from service.winner.learning_curve.learning_curve import LearningCurve
from service.winner.noise_floor.estimate import has_bayes_figure
from service.winner.noise_floor.floor import BesideConstant, NoiseFloor
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

MOSTLY = 0.5
"""A train figure is mostly noise if the lower noise estimate is at least this share of it."""

CUT_SHORT = (FindingKind.EDGE_OF_RANGE, FindingKind.LAST_EPOCH, FindingKind.SLOW_LEARNING)
"""Findings of a search that ended where it still got better."""


class Gaps(BaseModel):
    """Bias, variance and mismatch in the metric's unit, above 0 for the worse."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    bayes_error: float | None
    """As given; None if it was not, or if it is not a value of the metric."""

    noise_floor: NoiseFloor | None
    """The range that it is estimated to lie in; None where it is given, or the metric has no noise floor."""

    best: float
    """What train is compared with: the Bayes error as given; else the best figure that a model reaches on
    rows that it was not fitted on; else the metric's perfect value, 0 or 1."""

    avoidable_bias: float
    """How much worse train is than `best`: so much bias is shown to be avoidable; none where below 0."""

    avoidable_bias_standard_error: float
    variance: float
    """How much worse dev is than train; where there is a train-dev set, how much worse that is."""

    variance_standard_error: float
    """For want of examples, and by the seed, where the winner was trained with several."""

    data_mismatch: float | None
    """How much worse dev is than train-dev; None where there is no train-dev set."""

    data_mismatch_standard_error: float | None

    in_r_squared: dict[str, float] | None
    """The same gaps in R², by name, but for the bias where it is one of MAE; None in classification."""

    n_to_tell: dict[str, int]
    """By gap that is above 0 and not clear (`avoidable bias`, `variance`, `data mismatch`): how many examples
    of its worse set would put it beyond two standard errors, were it as large as it looks."""

    trouble: Trouble
    """The largest of the gaps that are beyond two standard errors and that nothing speaks against; where
    there is none, what that means: noise floor, nothing learned, bias or noise, or neither."""

    verdict: str
    """The largest gap in one line; without one, how many examples would show it."""


class StudyDiagnosis(BaseModel):
    """What a study says."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    gaps: Gaps | None
    """None until the winner has been trained again for its figures."""

    beside_constant: BesideConstant | None
    """The winner beside the best constant on the dev set; None until it has been measured."""

    findings: tuple[Finding, ...]
    """What the whole search shows beyond chance."""

    advice: tuple[AdvisedStep, ...]
    """Steps to try next, the first one first; none without gaps."""


def diagnose_study(study: StoredStudy, *, expected: ExpectedBest | None = None) -> StudyDiagnosis:
    """Say what a study shows, and what to try next.

    Parameters
    ----------
    study
        The study, from storage; without a complete trial it shows nothing.
    expected
        The result of `expected_best_in`, if available.
    """
    standing = standing_of(study.trials, study.metric, watch=study.watch)
    if not has_winner(study.trials):
        return StudyDiagnosis(gaps=None, beside_constant=None, findings=(), advice=())
    winner = winner_of(study.trials, study.metric)
    measured = measured_winner(study, winner.number)
    luck = winner_over_seeds(study.trials, study.metric).deviation or 0.0
    noise = luck or (measured.standard_errors["dev"] if measured else None)
    late_gain = gain_of_second_half(
        standing, study.metric, expected=(expected or expected_best_in(study)).figures
    )
    findings = findings_of(standing, study.config, late_gain=late_gain, noise=noise)
    if measured is None:
        return StudyDiagnosis(gaps=None, beside_constant=None, findings=findings, advice=())
    floor, beside, curve = _floor(study, measured), measured.beside_constant, study.learning_curve
    best = _best(study) if floor is None else floor.reached.figure
    tried = Tried.of(standing, study.config, winner)
    diagnosis = _diagnosis(
        study,
        measured,
        best=best,
        luck=luck / sqrt(measured.n_averaged_on_dev),
        floor=floor,
        open_end=_open_end(study, measured, findings, tried, floor),
        has_learned=beside is None or beside.is_beyond_chance,
    )
    facts = Facts(
        config=study.config,
        metric=study.metric,
        diagnosis=diagnosis,
        findings=findings,
        winner=study.config.space.point(winner.params),
        dev_figures={model: by_set["dev"][study.metric] for model, by_set in measured.models.items()},
        late_gain=late_gain,
        noise=noise,
        adversarial=measured.adversarial,
        learning_curve=None if curve is None else LearningCurve.model_validate(curve),
        tried=tried,
        floor=floor,
        train_figure=measured.figures["train"][study.metric],
    )
    return StudyDiagnosis(
        gaps=_gaps(study, diagnosis, best=best, floor=floor, figures=measured.figures),
        beside_constant=beside,
        findings=findings,
        advice=advise(facts),
    )


def _given(study: StoredStudy) -> float | None:
    """Return the Bayes error as given; None if it is not a value of the metric."""
    return study.config.bayes_error if has_bayes_figure(study.metric) else None


def _best(study: StoredStudy) -> float:
    """Return the Bayes error as it is given, or else the metric's perfect value."""
    given = _given(study)
    return study.metric.perfect if given is None else given


def _floor(study: StoredStudy, measured: MeasuredWinner) -> NoiseFloor | None:
    """Return the estimated noise floor, where no Bayes error is given."""
    return None if _given(study) is not None else measured.noise_floor


def _open_end(
    study: StoredStudy,
    measured: MeasuredWinner,
    findings: Sequence[Finding],
    tried: Tried,
    floor: NoiseFloor | None,
) -> str | None:
    """Say where better points may lie: beyond the search, or in networks that it has not tried.

    Where at least half of the train figure is noise that shows from below, no larger network is asked for.
    """
    if any(finding.kind in CUT_SHORT for finding in findings):
        return "the search was cut short where it still got better"
    if (
        floor is None
        or len(tried.open_capacity) < len(CAPACITY)
        or study.config.model.kind != NetworkPoint.kind
    ):
        return None
    train, perfect = measured.figures["train"][study.metric], study.metric.perfect
    return NOT_TRIED if abs(floor.lowest - perfect) < MOSTLY * abs(train - perfect) else None


def _diagnosis(  # noqa: PLR0913 (what a diagnosis is made from, each by its name)
    study: StoredStudy,
    measured: MeasuredWinner,
    *,
    best: float,
    luck: float,
    floor: NoiseFloor | None,
    open_end: str | None,
    has_learned: bool,
) -> Diagnosis:
    by_set = {
        name: Measured(figures[study.metric], measured.standard_errors[name], _n_examples(study, name))
        for name, figures in measured.figures.items()
    }
    return diagnose(
        study.metric,
        train=by_set["train"],
        train_dev=by_set.get("train-dev"),
        dev=by_set["dev"],
        best=best,
        seed_deviation=luck,
        floor=floor,
        open_end=open_end,
        has_learned=has_learned,
    )


def _n_examples(study: StoredStudy, name: str) -> int:
    """Return a set's size; over folds, all known examples are in a dev set in turn."""
    return study.n_examples[name if name in study.n_examples else "train"]


def _gaps(
    study: StoredStudy,
    diagnosis: Diagnosis,
    *,
    best: float,
    floor: NoiseFloor | None,
    figures: Mapping[str, Mapping[str, float]],
) -> Gaps:
    mismatch = diagnosis.data_mismatch
    return Gaps(
        bayes_error=_given(study),
        noise_floor=floor,
        best=best,
        avoidable_bias=diagnosis.avoidable_bias.size,
        avoidable_bias_standard_error=diagnosis.avoidable_bias.standard_error,
        variance=diagnosis.variance.size,
        variance_standard_error=diagnosis.variance.standard_error,
        data_mismatch=mismatch.size if mismatch else None,
        data_mismatch_standard_error=mismatch.standard_error if mismatch else None,
        in_r_squared=_in_r_squared(study.metric, best, figures) if study.task is Task.REGRESSION else None,
        n_to_tell={name: gap.n_to_tell for name, gap in diagnosis.gaps.items() if gap.n_to_tell is not None},
        trouble=diagnosis.trouble,
        verdict=diagnosis.verdict,
    )


def _in_r_squared(
    metric: Metric, best_figure: float, figures: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Return the gaps in R². A best RMSE b leaves 1 - (b / RMSE)**2 (1 - R²) to be reached on train."""
    r_squared = {name: of_set[Metric.R_SQUARED] for name, of_set in figures.items()}
    train, rmse = r_squared["train"], figures["train"][Metric.RMSE]
    best_rmse = best_figure if metric is Metric.RMSE else 0.0
    best = 1.0 if rmse == 0 else 1 - (best_rmse / rmse) ** 2 * (1 - train)
    if metric is Metric.R_SQUARED:
        best = best_figure
    held_out = r_squared.get("train-dev", r_squared["dev"])
    gaps = {Trouble.BIAS.value: best - train, Trouble.VARIANCE.value: train - held_out}
    if metric not in {
        Metric.RMSE,
        Metric.R_SQUARED,
    }:  # of another figure that could be reached no R² is known
        del gaps[Trouble.BIAS.value]
    if "train-dev" in r_squared:
        gaps[Trouble.MISMATCH.value] = held_out - r_squared["dev"]
    return gaps
