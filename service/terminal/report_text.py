"""The report on one screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.reporting.study_report import Figures, StudyReport, Winner
from service.storage.database import storage_flag
from service.terminal.filled_lines import filled_lines
from service.terminal.wording import duration_text, metric_name, metric_text, value_text

MOST_REASONS_SHOWN = 3


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
    sizes = report.n_examples
    _say(console, f"  {sizes['train']:,} train, {sizes['dev']:,} dev, {sizes['test']:,} test examples")
    _print_trials(report, console)
    if report.winner is None:
        _say(console, ("No trial is complete: there is no winner.", "red"))
    else:
        _print_winner(report.winner, console)
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


def _print_winner(winner: Winner, console: Console) -> None:
    _say(
        console,
        ("Winner", "bold"),
        f": trial {winner.trial}, epoch {winner.best_epoch} of {winner.epochs} (chosen on the dev set)",
    )
    values = winner.hyperparameters.model_dump(mode="json")
    searched = [Text(f"{name} ").append(value_text(values[name]), "bold") for name in winner.searched]
    fixed = [
        f"{name} {value_text(value)}"
        for name, value in values.items()
        if name not in winner.searched and value is not None
    ]
    console.print(filled_lines(searched, width=console.width, indent="  "))
    if fixed:
        pieces = ["fixed:", *(f"{piece}," for piece in fixed[:-1]), fixed[-1]]
        dim = [Text(piece, "dim") for piece in pieces]
        console.print(filled_lines(dim, width=console.width, indent="  ", gap=" "))
    console.print()


def _print_figures(winner: Winner, report: StudyReport, console: Console) -> None:
    if winner.figures is None:
        return
    names = ("error", "log_loss") if report.metric == "error" else ("rmse", "r_squared")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("  ")
    for name in ("train", "dev", "test"):
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
    console.print(table)
    _say(console, (f"  {' / '.join(_figure_name(name) for name in names)}", "dim"))
    console.print()


def _figure_name(name: str) -> str:
    return {"log_loss": "log loss (nats)", "r_squared": "R²"}.get(name, metric_name(name))


def _cell(figures: Figures, names: tuple[str, str]) -> str:
    first, second = (metric_text(name, figures[name]) for name in names)
    return f"{first} / {second}"


def _print_gaps(report: StudyReport, console: Console) -> None:
    gaps = report.gaps
    if gaps is None:
        return
    bayes = metric_text(report.metric, gaps.bayes_error) + (" assumed" if gaps.bayes_error == 0 else "")
    bias = _gap_text(report.metric, gaps.avoidable_bias, gaps.avoidable_bias_standard_error)
    variance = _gap_text(report.metric, gaps.variance, gaps.variance_standard_error)
    _say(console, f"Avoidable bias (train - Bayes, {bayes}): {bias}; variance (dev - train): {variance}")
    _say(console, ("Next: ", "bold"), gaps.advice)
    console.print()


def _gap_text(metric: str, size: float, standard_error: float) -> str:
    return f"{metric_text(metric, size)} ± {metric_text(metric, 2 * standard_error)}"


def _print_seal(report: StudyReport, console: Console) -> None:
    test = report.test
    if test is None:
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
        counted = f"  Looks at this test set: {len(own)} by this study"
        names = ", ".join(dict.fromkeys(look.study for look in others))
        _say(console, counted + (f", {len(others)} by others ({names})" if others else ""))
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
        dev = winner.figures["dev"][report.metric]
        better = [name for name, by_set in winner.baselines.items() if by_set["dev"][report.metric] <= dev]
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
