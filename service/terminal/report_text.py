"""The report on one screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.fields import default_of
from service.reporting.study_report import Figures, Gaps, StudyReport, Winner
from service.storage.database import storage_flag
from service.terminal.filled_lines import filled_lines
from service.terminal.wording import (
    counted,
    duration_text,
    mean_text,
    metric_name,
    metric_text,
    metrics_text,
    value_text,
)
from workers.metrics import Metric
from workers.train_dev_data import Task

MOST_REASONS_SHOWN = 3

FOLDS_NOTE = (
    "dev: mean of the folds; its s.e. is too small, as folds share examples",
    "train: what the winner was trained on in the end, train and dev together",
)
"""What must be known of a table of figures over folds."""


def print_report(report: StudyReport, console: Console) -> None:
    """Print a study's report.

    Parameters
    ----------
    report
        The report.
    console
        The screen; a width of 80 is enough.
    """
    console.print()
    _say(console, "Study ", (report.study, "bold"), f": {report.task} of {report.target} in {report.table}")
    sizes = ", ".join(f"{size:,} {name}" for name, size in report.n_examples.items())
    _say(console, f"  {sizes} examples")
    _print_trials(report, console)
    if report.winner is None:
        _say(console, ("No trial is complete: there is no winner.", "red"))
    else:
        _print_winner(report.winner, report, console)
        _print_figures(report.winner, report, console)
        _print_gaps(report, console)
    _print_seal(report, console)
    for warning in _warnings(report):
        _say(console, ("Warning: ", "yellow"), warning)
    _say_to_copy(console, ("Reproduce: ", "dim"), report.reproduce)
    console.print()


def _print_trials(report: StudyReport, console: Console) -> None:
    trials = report.trials
    n_ended = trials.complete + trials.pruned + trials.failed
    line = f"  {n_ended} of {trials.budget} trials: {trials.complete} complete, {trials.pruned} pruned"
    line += f", {trials.failed} failed"
    if trials.running:
        line += f", {trials.running} to be run again"
    line += f"; {duration_text(report.search_seconds)} of search"
    line += f" ({duration_text(report.training_seconds)} of training)"
    _say(console, line)
    reasons = sorted(report.failures.items(), key=lambda item: -item[1])
    for reason, count in reasons[:MOST_REASONS_SHOWN]:
        _say(console, f"    failed {count} x: {reason}")
    if len(reasons) > MOST_REASONS_SHOWN:
        _say(console, f"    and for other reasons ({len(reasons) - MOST_REASONS_SHOWN} more)")
    console.print()


def _print_winner(winner: Winner, report: StudyReport, console: Console) -> None:
    _say(
        console,
        ("Winner", "bold"),
        f": trial {winner.trial}, {_epochs_text(winner)}"
        f" (chosen on the dev set by {metrics_text(report.metric, report.watch)})",
    )
    if winner.folds:
        mean = mean_text(report.metric, winner.dev_metric, winner.folds.standard_error)
        _say(
            console,
            f"  dev {metric_name(report.metric)} {mean} (mean of {len(winner.folds.metrics)} folds ± s.e.)",
        )
    values = winner.hyperparameters.model_dump(mode="json")
    searched = [Text(f"{name} ").append(value_text(values[name]), "bold") for name in winner.searched]
    fixed = [
        f"{name} {value_text(value)}"
        for name, value in values.items()
        if name not in winner.searched and value != default_of(name)
    ]
    console.print(filled_lines(searched, width=console.width, indent="  "))
    if fixed:
        pieces = ["fixed:", *(f"{piece}," for piece in fixed[:-1]), fixed[-1]]
        dim = [Text(piece, "dim") for piece in pieces]
        console.print(filled_lines(dim, width=console.width, indent="  ", gap=" "))
    if winner.zero_share:
        _say(console, f"  {100 * winner.zero_share:.1f} % of its weights are 0")
    console.print()


def _epochs_text(winner: Winner) -> str:
    if winner.folds is None:
        return f"epoch {winner.best_epoch} of {winner.epochs}"
    return f"trained on train and dev together for {counted(winner.best_epoch, 'epoch')}"


def _print_figures(winner: Winner, report: StudyReport, console: Console) -> None:
    if winner.figures is None:
        return
    names = _shown_metrics(report.metric)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("  ")
    over = f", {len(winner.folds.metrics)} folds" if winner.folds else ""
    for name in ("train", f"dev{over}", "test"):
        table.add_column(name, justify="right")
    rows = {"network": winner.figures, **dict(reversed(winner.baselines.items()))}
    on_test = dict(report.test.models) if report.test else {}
    if "winner" in on_test:
        on_test["network"] = on_test.pop("winner")
    for model, by_set in rows.items():
        cells = [_cell(by_set[name], names) for name in ("train", "dev")]
        cells.append(_cell(on_test[model], names) if model in on_test else "sealed")
        style = "bold" if model == "network" else ""
        table.add_row(Text(f"  {model}", style), *[Text(cell, style) for cell in cells])
        if report.metric is Metric.BALANCED_ERROR:
            plain = [_cell(by_set[name], (Metric.ERROR,)) for name in ("train", "dev")]
            plain.append(_cell(on_test[model], (Metric.ERROR,)) if model in on_test else "")
            table.add_row(Text("    plain error", "dim"), *[Text(cell, "dim") for cell in plain])
    console.print(table)
    _say(console, (f"  {' / '.join(_figure_name(name) for name in names)}", "dim"))
    if winner.folds is not None:
        for line in FOLDS_NOTE:
            _say(console, (f"  {line}", "dim"))
    console.print()


def _shown_metrics(metric: Metric) -> tuple[Metric, Metric]:
    """Return the study's metric, and the one beside it: log loss or R², or what these go with."""
    if metric.task is Task.CLASSIFICATION:
        return metric, Metric.ERROR if metric is Metric.LOG_LOSS else Metric.LOG_LOSS
    return metric, Metric.RMSE if metric is Metric.R_SQUARED else Metric.R_SQUARED


def _figure_name(metric: Metric) -> str:
    return f"{metric_name(metric)} (nats)" if metric is Metric.LOG_LOSS else metric_name(metric)


def _cell(figures: Figures, names: tuple[Metric, ...]) -> str:
    return " / ".join(metric_text(name, figures[name]) for name in names)


def _print_gaps(report: StudyReport, console: Console) -> None:
    gaps = report.gaps
    if gaps is None:
        return
    bias = _gap_text(report.metric, gaps.avoidable_bias, gaps.avoidable_bias_standard_error)
    variance = _gap_text(report.metric, gaps.variance, gaps.variance_standard_error)
    of_bias = f"Avoidable bias ({_bias_words(report.metric, gaps)}): {bias}"
    of_variance = "train - dev" if report.metric.higher_is_better else "dev - train"
    _say(console, f"{of_bias}; variance ({of_variance}): {variance}")
    if gaps.bayes_error is None:
        _say(
            console, f"  No Bayes figure is assumed for {metric_name(report.metric)}: the best is perfection"
        )
    _say(console, ("Next: ", "bold"), gaps.advice)
    console.print()


def _bias_words(metric: Metric, gaps: Gaps) -> str:
    """Say what the bias is the difference of."""
    if gaps.bayes_error is None:
        return f"{gaps.best:g} - train" if metric.higher_is_better else f"train - {gaps.best:g}"
    assumed = " assumed" if gaps.bayes_error == 0 else ""
    return f"train - Bayes, {metric_text(metric, gaps.bayes_error)}{assumed}"


def _gap_text(metric: Metric, size: float, standard_error: float) -> str:
    return f"{metric_text(metric, size)} ± {metric_text(metric, 2 * standard_error)}"


def _print_seal(report: StudyReport, console: Console) -> None:
    test = report.test
    if test is None and report.winner is None:
        _say(console, ("The test set is sealed", "bold"), "; there is no winner to sit it")
    elif test is None:
        _say_to_copy(
            console,
            ("The test set is sealed", "bold"),
            f"; once the search is done: proctor unseal {report.study}{storage_flag(report.storage)}",
        )
    else:
        figure = metric_text(report.metric, test.models["winner"][report.metric])
        low, high = (metric_text(report.metric, end) for end in test.interval)
        _say(
            console,
            (f"Test {metric_name(report.metric)} {figure}", "bold green"),
            f", 95 % interval {low} to {high} ({test.interval_method}, {test.n_examples:,} examples)",
        )
    own = [look for look in report.looks if look.study == report.study]
    others = [look for look in report.looks if look.study != report.study]
    if own or others:
        summary = f"  Looks at this test set: {len(own)} by this study"
        names = ", ".join(dict.fromkeys(look.study for look in others))
        _say(console, summary + (f", {len(others)} by others ({names})" if others else ""))
    for look in own:
        if look.reason:
            _say(console, f"  look {look.look}, {look.opened_at:%Y-%m-%d %H:%M} UTC, because: {look.reason}")
        if not look.is_finished:
            _say_to_copy(
                console,
                "  ",
                (f"look {look.look}, {look.opened_at:%Y-%m-%d %H:%M} UTC: opened without a figure", "yellow"),
                f"; `proctor unseal {report.study}{storage_flag(report.storage)}` finishes it",
            )


def _warnings(report: StudyReport) -> list[str]:
    found = []
    winner = report.winner
    if winner is not None and not winner.is_reproduced:
        found.append(
            "training the winner again gave other figures than it won with: another processor or library"
        )
    if winner is not None and winner.figures is not None:
        metric = report.metric
        dev = metric.badness(winner.figures["dev"][metric])
        better = [
            name for name, by_set in winner.baselines.items() if metric.badness(by_set["dev"][metric]) <= dev
        ]
        if better:
            found.append(f"on the dev set the network does not beat the {' or the '.join(better)}")
    if report.trials.failed * 2 >= report.trials.budget:
        found.append(f"{report.trials.failed} of {report.trials.budget} trials failed: look at the space")
    return found


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)


def _say_to_copy(console: Console, *parts: str | tuple[str, str]) -> None:
    # The terminal itself breaks the line, so that a command copied from it stays one line.
    console.print(Text.assemble(*parts), soft_wrap=True)
