"""The winner as the average of its seeds' networks, measured on the known sets before it may be shipped."""

from collections.abc import Mapping
from math import isclose
from statistics import fmean

from pydantic import BaseModel, ConfigDict

from service.data.preparation.prepared_data import LabelledInputs
from service.winner.examination.figures import Figures, figures
from service.winner.models.trained_model import TrainedModel, average
from workers.metrics.metric import Metric

_ROUNDING = 1e-9
"""Of figures that are the same: relative, above what the mean of equal ones may be off."""


class MeasuredEnsemble(BaseModel):
    """What of the two is shipped, the average or the winner's own network, and why.

    The average is shipped unless its dev metric is worse than the mean of its members'. That mean is what the
    winner was chosen by; the figure of its own network was selected on, and is no match.

    By a metric that is convex in the predictions (log loss, RMSE, MAE; R² is concave, and better the higher)
    the average is never worse than the mean but for rounding, by Jensen's inequality. By one that counts
    labels or ranks (errors, F1, ROC AUC) it may be: seldom, and on a small dev set by an example or two. By
    the calibration error it mostly is, where networks are not too sure: an average is less sure than they.

    References
    ----------
    A. Krogh and J. Vedelsby, 1995, "Neural network ensembles, cross validation, and active learning".
    """

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    n_models: int
    """Networks that were averaged: the winner's own and those of its confirmation runs."""

    average: dict[str, Figures]
    """Figures of the average, by known set."""

    single: dict[str, Figures]
    """Figures of the winner's own network, by known set."""

    mean_dev_metric: float
    """Mean of the networks' dev metrics."""

    is_shipped: bool
    """Whether the average is shipped; else the winner's own network is."""

    @property
    def n_shipped(self) -> int:
        """Number of networks that predict."""
        return self.n_models if self.is_shipped else 1


def measure_ensemble(
    members: TrainedModel, known_sets: Mapping[str, LabelledInputs], metric: Metric
) -> MeasuredEnsemble:
    """Measure networks and their average on the known sets.

    Parameters
    ----------
    members
        All of them, the winner's own first.
    known_sets
        By name, `dev` among them.
    metric
        The study's metric.
    """
    of_average, of_single, of_members = {}, {}, [0.0]
    for name, examples in known_sets.items():
        predictions = members.member_predictions(examples.X)
        judged = [figures(each, examples.y, task=members.task, rule=members.rule) for each in predictions]
        of_average[name] = figures(average(predictions), examples.y, task=members.task, rule=members.rule)
        of_single[name] = judged[0]
        if name == "dev":
            of_members = [each[metric] for each in judged]
    mean = fmean(of_members)
    return MeasuredEnsemble(
        n_models=members.n_models,
        average=of_average,
        single=of_single,
        mean_dev_metric=mean,
        is_shipped=is_no_worse(of_average["dev"][metric], mean, metric),
    )


def is_no_worse(of_average: float, mean_of_members: float, metric: Metric) -> bool:
    """Return whether an average's figure is no worse than the mean of its members', but for rounding."""
    is_as_good = isclose(of_average, mean_of_members, rel_tol=_ROUNDING)
    return is_as_good or metric.badness(of_average) < metric.badness(mean_of_members)
