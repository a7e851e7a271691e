"""The winner in words: confirmation, its seeds' average, its name beside the baselines, and where it errs.

Where it errs is reported by class, and by slice of the dev set.
"""

from collections.abc import Mapping
from math import sqrt
from statistics import fmean

from search_spaces.counted import counted
from service.advice.confirmation import Confirmation, Finalist
from service.configuration.model_config import model_noun
from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Figures, Winner
from service.report.wording.numbers import metric_name, metric_text, size_text
from service.tables.cells import LONGEST_SHOWN
from service.winner.examination.dev_analysis.values import ExampleLoss, Slice, SliceKind
from service.winner.examination.figures import ByClass, ClassFigures
from workers.metrics.metric import BALANCED, Metric


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
    """Return a finalist's mean over its seeds, with their deviation unless all have the same figure."""
    n_seeds = 1 + len(finalist.other_figures)
    mean = metric_text(metric, finalist.mean)
    if finalist.deviation is None:
        return f"{mean} with {counted(n_seeds, 'seed')}"
    if finalist.deviation == 0:
        return f"{mean} with each of {n_seeds} seeds"
    return f"{mean} over {n_seeds} seeds (deviation {size_text(metric, finalist.deviation)})"


def _flattered_text(first: Finalist, flattered: float, metric: Metric) -> str:
    if first.deviation == 0:
        best = f"the best before confirmation, trial {first.trial}, has the same figure with each seed"
        return f"{best}: so seeds do not show how optimistic it is"
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


def _single_name(winner: Winner) -> str:
    """Name the model of the winner's own seed, where an average is shipped."""
    return f"winner {model_noun(winner.kind)}"


def _average_name(winner: Winner) -> str:
    """Name the average of so many models."""
    return f"average of {winner.n_models} {model_noun(winner.kind)}s"


def folds_sentence(winner: Winner) -> str:
    """Say of what models the figures over folds are, without a full stop; nothing where there are no folds.

    Parameters
    ----------
    winner
        The winner.
    """
    if winner.folds is None:
        return ""
    noun = model_noun(winner.kind)
    if not winner.folds.are_averaged:
        return "train: what the winner was trained on in the end, train and dev together"
    ones = f"{noun}s" if winner.ensemble is None else "averages"
    return f"train, dev: means of the folds' single {ones}, not of all that are averaged"


def ensemble_lines(winner: Winner, metric: Metric) -> list[str]:
    """Return what is averaged and both dev figures, a line a fact; none where nothing is averaged.

    Parameters
    ----------
    winner
        The winner.
    metric
        The study's metric.
    """
    ensemble = winner.ensemble
    if ensemble is None:
        return []
    single, both = (
        metric_text(metric, figure) for figure in (ensemble.single_dev_metric, ensemble.dev_metric)
    )
    n_trials = len({each.trial if each.confirms is None else each.confirms for each in ensemble.members})
    of_trials = f"of {counted(n_trials, 'trial')}, weighted and selected on dev among {ensemble.n_candidates}"
    return [
        f"the {_average_name(winner)} is shipped: {of_trials}",
        f"dev {metric_name(metric)}: {_single_name(winner)} {single}, average {both}",
    ]


def by_model_and_set(winner: Winner, report: StudyReport) -> Mapping[str, Mapping[str, Figures]]:
    """Return all figures that are known: what is shipped first, the constant baseline last."""
    shipped, ensemble = shipped_name(winner), winner.ensemble
    rows = {shipped: winner.figures or {}}
    if ensemble is not None:
        rows[other_name(winner)] = ensemble.single_figures
    rows |= dict(reversed(winner.baselines.items()))
    if report.test is None:
        return rows
    on_test = {shipped if name == "winner" else name: of for name, of in report.test.models.items()}
    return {
        model: {**by_set, "test": on_test[model]} if model in on_test else by_set
        for model, by_set in rows.items()
    }


def shipped_name(winner: Winner) -> str:
    """Name what is evaluated on the test set, exported and predicts."""
    return model_noun(winner.kind) if winner.n_models == 1 else _average_name(winner)


def shipped_noun(winner: Winner) -> str:
    """Return in a word what it is: what sentences speak of."""
    return model_noun(winner.kind) if winner.n_models == 1 else "average"


def other_name(winner: Winner) -> str:
    """Name what was measured on the known sets and is not shipped; nothing where there is no such thing."""
    return "" if winner.ensemble is None else _single_name(winner)


_MEANS: Mapping[ExampleLoss, Metric] = {
    ExampleLoss.ERROR: Metric.ERROR,
    ExampleLoss.BALANCED_ERROR: Metric.BALANCED_ERROR,
    ExampleLoss.LOG_LOSS: Metric.LOG_LOSS,
    ExampleLoss.SQUARED_ERROR: Metric.RMSE,
    ExampleLoss.ABSOLUTE_ERROR: Metric.MAE,
}


def loss_metric(loss: ExampleLoss) -> Metric:
    """Return the metric that a mean of losses is shown as."""
    return _MEANS[loss]


def slice_figures(one: Slice, loss: ExampleLoss) -> tuple[str, str]:
    """Return a slice's figure and that of all others, as people read them."""
    metric = loss_metric(loss)
    own, others = (
        metric_text(metric, sqrt(mean) if metric is Metric.RMSE else mean)
        for mean in (one.mean_loss, one.others_mean_loss)
    )
    return own, others


def slice_name(one: Slice) -> str:
    """Return a slice's column and what it has there."""
    equals = " = " if one.kind in {SliceKind.CLASS, SliceKind.VALUE} else " "
    return f"{printable(one.column)}{equals}{printable(one.values)}"


def printable(text: str) -> str:
    """Return what a file calls something, on one line, not endless, and without orders to a terminal."""
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)


def by_class_lines(found: ByClass) -> tuple[str, str]:
    """Return two lines: the plain error beside that of one constant class, and one class's figures."""
    one = found.pointed_out
    name = printable(one.name)
    plain = f"plain error {_share(found.error)}; always predicting {printable(found.commonest)}"
    recall = f"recall {_share(one.recall)} ({one.n_right:,} of {one.n_examples:,} found)"
    precision = f"no row is predicted as {name}"
    if one.precision is not None:
        predicted = f"{one.n_right:,} of {one.n_predicted:,} predicted"
        precision = f"precision {_share(one.precision)} ({predicted})"
    return (
        f"{plain}: {_share(found.error_of_commonest)}",
        f"{name}, {_why(found)}: {recall}, {precision}",
    )


def by_class_sentences(found: ByClass, metric: Metric, *, noun: str) -> str:
    """Say the same for who does not know the words.

    Parameters
    ----------
    found
        How the winner does on each class.
    metric
        The study's metric.
    noun
        What the winner is.
    """
    averaged = "error rates" if metric is Metric.BALANCED_ERROR else "F1 scores"
    one = found.pointed_out
    mean = (
        f"This figure is the mean of the classes' {averaged}, so a rare class counts as much as a common one."
    )
    return (
        f"{mean if metric in BALANCED else 'The classes differ much in size.'}"
        f" Counted by rows, the {noun} gets {_share(found.error)} of them wrong; always"
        f" predicting {printable(found.commonest)} gets {_share(found.error_of_commonest)} wrong."
        f" {_class_sentence(one, _why(found))}"
    )


def _class_sentence(one: ClassFigures, why: str) -> str:
    name = printable(one.name)
    said = f"Of {counted(one.n_examples, 'row')} of {name}, {why}, it finds {one.n_right:,} (recall"
    said += f" {_share(one.recall)})"
    if one.precision is None:
        return f"{said}; it predicts {name} for no row."
    predicted = counted(one.n_predicted, "row")
    said += f"; of {predicted} that it predicts as {name}, {one.n_right:,} are {name}"
    return f"{said} (precision {_share(one.precision)})."


def _why(found: ByClass) -> str:
    """Say why this class is pointed out."""
    if len(found.classes) > 2:
        return "the class with the lowest recall"
    return "the rarer class" if found.pointed_out.name != found.commonest else "the only class here"


def _share(share: float | None) -> str:
    return "unknown" if share is None else metric_text(Metric.ERROR, share)
