"""The diagnosis of a study: its gaps, what its search shows, and the steps that follow.

It is made from what the study's storage holds of train and dev set alone: no test figure stands there.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from service.checking.separation import AdversarialCheck
from service.diagnosis.advice import advise
from service.diagnosis.advised_step import AdvisedStep
from service.diagnosis.confirmation import winner_over_seeds
from service.diagnosis.expected_best import ExpectedBest, expected_best_in
from service.diagnosis.facts import Facts
from service.diagnosis.finding import Finding
from service.diagnosis.findings.all_findings import findings_of
from service.diagnosis.findings.stalled import gain_of_second_half
from service.diagnosis.gaps import Diagnosis, Measured, Trouble, diagnose, has_bayes_figure
from service.diagnosis.standing import standing_of
from service.learning_curve.learning_curve import LearningCurve
from service.search.winner import has_winner, winner_of
from service.storage.stored_study import StoredStudy
from workers.metrics import Metric
from workers.train_dev_data import Task

Read = TypeVar("Read", bound=BaseModel)


class Gaps(BaseModel):
    """Bias, variance and mismatch in the metric's unit, above 0 for the worse."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    bayes_error: float | None
    """As given, 0 where nothing was; None where the metric is none that it is a value of."""

    best: float
    """What train is compared with: the Bayes error, or else the metric's perfect value, 0 or 1."""

    avoidable_bias: float
    """How much worse train is than `best`."""

    avoidable_bias_standard_error: float
    variance: float
    """How much worse dev is than train; where there is a train-dev set, how much worse that is."""

    variance_standard_error: float
    """For want of examples, and by the seed, where the winner was trained with several."""

    data_mismatch: float | None
    """How much worse dev is than train-dev; None where dev comes from where train does."""

    data_mismatch_standard_error: float | None

    in_r_squared: dict[str, float] | None
    """The same gaps in R², by name; None in classification."""

    n_to_tell: dict[str, int]
    """By gap that is above 0 and not clear (`avoidable bias`, `variance`, `data mismatch`): how many examples
    of its worse set would put it beyond two standard errors, were it as large as it looks."""

    trouble: Trouble
    """The largest of the gaps that are beyond two standard errors."""

    verdict: str
    """What that is, in one line; where there is none, how many examples would tell."""


class StudyDiagnosis(BaseModel):
    """What a study says."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    gaps: Gaps | None
    """None until the winner has been trained again for its figures."""

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
        What `expected_best_in` tells of it, where that is at hand.
    """
    standing = standing_of(study.trials, study.metric, watch=study.watch)
    if not has_winner(study.trials):
        return StudyDiagnosis(gaps=None, findings=(), advice=())
    winner = winner_of(study.trials, study.metric)
    measured = study.winner if study.winner is not None and study.winner["trial"] == winner.number else None
    luck = winner_over_seeds(study.trials, study.metric).deviation or 0.0
    noise = luck or (measured["standard_errors"]["dev"] if measured else None)
    late_gain = gain_of_second_half(
        standing, study.metric, expected=(expected or expected_best_in(study)).figures
    )
    findings = findings_of(standing, study.config, late_gain=late_gain, noise=noise)
    if measured is None:
        return StudyDiagnosis(gaps=None, findings=findings, advice=())
    ensemble = measured.get("ensemble")
    n_networks = ensemble["n_networks"] if ensemble and ensemble["is_shipped"] else 1
    best = _best(study)
    diagnosis = _diagnosis(study, measured, best=best, luck=luck / sqrt(n_networks))
    facts = Facts(
        config=study.config,
        metric=study.metric,
        diagnosis=diagnosis,
        findings=findings,
        winner=study.config.space.point(winner.params),
        dev_figures={model: by_set["dev"][study.metric] for model, by_set in measured["models"].items()},
        late_gain=late_gain,
        noise=noise,
        adversarial=_read(AdversarialCheck, measured.get("adversarial")),
        learning_curve=_read(LearningCurve, study.learning_curve),
    )
    gaps = _gaps(study, diagnosis, best=best, figures=measured["models"]["winner"])
    return StudyDiagnosis(gaps=gaps, findings=findings, advice=advise(facts))


def _read(model: type[Read], stored: Mapping[str, Any] | None) -> Read | None:
    return None if stored is None else model.model_validate(stored)


def _best(study: StoredStudy) -> float:
    """Return what train is compared with: the Bayes error, or the perfect value of a metric without one."""
    return study.config.bayes_error if has_bayes_figure(study.metric) else study.metric.perfect


def _diagnosis(study: StoredStudy, measured: Mapping[str, Any], *, best: float, luck: float) -> Diagnosis:
    by_set = {
        name: Measured(figures[study.metric], measured["standard_errors"][name], _n_examples(study, name))
        for name, figures in measured["models"]["winner"].items()
    }
    return diagnose(
        study.metric,
        train=by_set["train"],
        train_dev=by_set.get("train-dev"),
        dev=by_set["dev"],
        best=best,
        seed_deviation=luck,
    )


def _n_examples(study: StoredStudy, name: str) -> int:
    """Return a set's size; over folds, all known examples are in a dev set in turn."""
    return study.n_examples[name if name in study.n_examples else "train"]


def _gaps(
    study: StoredStudy, diagnosis: Diagnosis, *, best: float, figures: Mapping[str, Mapping[str, float]]
) -> Gaps:
    mismatch = diagnosis.data_mismatch
    return Gaps(
        bayes_error=study.config.bayes_error if has_bayes_figure(study.metric) else None,
        best=best,
        avoidable_bias=diagnosis.avoidable_bias.size,
        avoidable_bias_standard_error=diagnosis.avoidable_bias.standard_error,
        variance=diagnosis.variance.size,
        variance_standard_error=diagnosis.variance.standard_error,
        data_mismatch=mismatch.size if mismatch else None,
        data_mismatch_standard_error=mismatch.standard_error if mismatch else None,
        in_r_squared=_in_r_squared(study, figures) if study.task is Task.REGRESSION else None,
        n_to_tell={name: gap.n_to_tell for name, gap in diagnosis.gaps.items() if gap.n_to_tell is not None},
        trouble=diagnosis.trouble,
        verdict=diagnosis.verdict,
    )


def _in_r_squared(study: StoredStudy, figures: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the gaps in R². A Bayes RMSE b leaves 1 - (b / RMSE)**2 (1 - R²) to be reached on train."""
    r_squared = {name: of_set[Metric.R_SQUARED] for name, of_set in figures.items()}
    train, rmse = r_squared["train"], figures["train"][Metric.RMSE]
    bayes_rmse = study.config.bayes_error if study.metric is Metric.RMSE else 0.0
    best = 1.0 if rmse == 0 else 1 - (bayes_rmse / rmse) ** 2 * (1 - train)
    held_out = r_squared.get("train-dev", r_squared["dev"])
    gaps = {Trouble.BIAS.value: best - train, Trouble.VARIANCE.value: train - held_out}
    if "train-dev" in r_squared:
        gaps[Trouble.MISMATCH.value] = held_out - r_squared["dev"]
    return gaps
