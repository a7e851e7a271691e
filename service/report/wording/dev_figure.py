"""The dev figure in words: what confirmation showed, how optimistic it was, the ensemble's."""

from statistics import fmean

from search_spaces.counted import counted
from service.advice.diagnosis.confirmation import Confirmation, Finalist
from service.report.facts.winner_facts import Ensemble
from service.report.wording.metrics import metric_name, metric_text, size_text
from workers.metrics.metric import Metric


def confirmation_lines(confirmation: Confirmation, metric: Metric) -> list[str]:
    """Return what confirmation showed, a line a fact.

    Parameters
    ----------
    confirmation
        The finalists.
    metric
        The study's metric.
    """
    if not confirmation.is_complete:
        return ["confirmation is not complete: until it is, the first scores decide"]
    finalists = confirmation.finalists
    winner = next((each for each in finalists if each.trial == confirmation.winner), None)
    if winner is None:
        return ["no finalist is confirmed, because a run of each failed: the first scores decide"]
    of_how_many = f"the best mean of {counted(len(finalists), 'finalist')}"
    lines = [f"dev {metric_name(metric)} {seeds_text(winner, metric)}: {of_how_many}"]
    if confirmation.flattered is not None:
        lines.append(_flattered_text(finalists[0], confirmation.flattered, metric))
    broken = [f"{each.trial}" for each in finalists if each.n_failed]
    if broken:
        trials = f"trial {broken[0]}" if len(broken) == 1 else f"trials {', '.join(broken)}"
        lines.append(f"excluded, because a run with another seed failed: {trials}")
    return lines


def seeds_text(finalist: Finalist, metric: Metric) -> str:
    """Return a finalist's mean over its seeds, with their deviation."""
    n_seeds = 1 + len(finalist.other_figures)
    mean = metric_text(metric, finalist.mean)
    if finalist.deviation is None:
        return f"{mean} with {counted(n_seeds, 'seed')}"
    return f"{mean} over {n_seeds} seeds (deviation {size_text(metric, finalist.deviation)})"


def _flattered_text(first: Finalist, flattered: float, metric: Metric) -> str:
    others = metric_text(metric, fmean(first.other_figures))
    figure = metric_text(metric, first.first_figure)
    best = f"the best before confirmation, trial {first.trial}, had {figure}, and {others}"
    seeds = "another seed" if len(first.other_figures) == 1 else "other seeds"
    end = (
        f": its first score was optimistic by {size_text(metric, flattered)}"
        if flattered > 0
        else ": its first score was not optimistic"
    )
    return f"{best} with {seeds}{end}"


WINNER_NETWORK = "winner network"
"""The network of the winner's own seed."""


def average_name(n_networks: int) -> str:
    """Name the average of so many networks."""
    return f"average of {n_networks} seeds"


def ensemble_lines(ensemble: Ensemble, metric: Metric) -> list[str]:
    """Return both dev figures and the choice, a line a fact.

    Parameters
    ----------
    ensemble
        What was measured.
    metric
        The study's metric.
    """
    average = average_name(ensemble.n_networks)
    single, both, mean = (
        metric_text(metric, figure)
        for figure in (ensemble.single_dev_metric, ensemble.dev_metric, ensemble.mean_dev_metric)
    )
    choice = (
        f"the {average} is shipped: it is no worse than its networks' mean, {mean}"
        if ensemble.is_shipped
        else f"the {WINNER_NETWORK} is shipped: the average is worse than its networks' mean, {mean}"
    )
    return [f"dev {metric_name(metric)}: {WINNER_NETWORK} {single}, {average} {both}", choice]
