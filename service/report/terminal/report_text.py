"""The report on one screen."""

from rich.console import Console
from rich.text import Text

from search_spaces.fields import default_of
from service.report.facts.origins import SAMPLER
from service.report.facts.study_report import StudyReport, TestFigures, Winner
from service.report.terminal.adversarial_text import print_adversarial_check
from service.report.terminal.by_class_text import print_dev_by_class, print_test_by_class
from service.report.terminal.confirmation_text import print_confirmation
from service.report.terminal.dev_analysis_text import print_dev_analysis
from service.report.terminal.dev_figure_text import print_dev_figure
from service.report.terminal.figures_table import print_figures
from service.report.terminal.filled_lines import filled_lines
from service.report.terminal.gap_text import print_gaps
from service.report.terminal.learning_curve_text import print_more_data
from service.report.terminal.rounds_text import print_rounds
from service.report.terminal.search_text import print_search
from service.report.wording.against_baselines import against_baselines
from service.report.wording.ensemble import ensemble_lines
from service.report.wording.learned import NOTHING_LEARNED, nothing_learned_text
from service.report.wording.numbers import (
    counted,
    mean_text,
    metric_name,
    metric_text,
    metrics_text,
    size_text,
    sizes_text,
    value_text,
)
from service.report.wording.origins import origin_text
from service.report.wording.overfitting import overfitting_text
from service.report.wording.warnings import faulty_text, warnings_of
from service.study.storage.database import storage_flag


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
    _say(console, f"  {sizes_text(report.n_examples)}")
    nothing = nothing_learned_text(report)
    if nothing is not None:
        _say(console, (f"{NOTHING_LEARNED}", "bold red"), f": {nothing}")
    if report.equal_rows.sentence is not None:
        _say(console, f"  {report.equal_rows.sentence}")
    print_search(report, console)
    if report.rounds is not None:
        print_rounds(report.rounds, report.metric, console)
    if report.winner is None:
        _say(console, ("No trial is complete: there is no winner.", "red"))
    else:
        _print_winner(report.winner, report, console)
        print_figures(report.winner, report, console)
        print_dev_by_class(report, console)
        print_gaps(report, console)
        if report.dev_analysis is not None:
            print_dev_analysis(report.dev_analysis, console)
        if report.learning_curve is not None:
            print_more_data(report.learning_curve, console)
        if report.adversarial is not None:
            print_adversarial_check(report.adversarial, console)
    if report.has_test_set:
        _print_seal(report, console)
    else:
        print_dev_figure(report, console)
    for warning in warnings_of(report):
        _say(console, ("Warning: ", "yellow"), warning)
    _say_to_copy(console, ("Reproduce: ", "dim"), report.reproduce)
    console.print()


def _print_winner(winner: Winner, report: StudyReport, console: Console) -> None:
    _say(
        console,
        ("Winner", "bold"),
        f": trial {winner.trial},{_origin_text(winner)} {_epochs_text(winner)}"
        f" (chosen on the dev set by {metrics_text(report.metric, report.watch)})",
    )
    if winner.folds:
        mean = mean_text(report.metric, winner.dev_metric, winner.folds.standard_error)
        _say(
            console,
            f"  dev {metric_name(report.metric)} {mean} (mean of {len(winner.folds.metrics)} folds ± s.e.)",
        )
    if report.confirmation is not None:
        print_confirmation(report.confirmation, report.metric, console)
    for line in ensemble_lines(winner.ensemble, report.metric) if winner.ensemble else ():
        _say(console, f"  {line}")
    if report.selection_bootstrap is not None:
        size = size_text(report.metric, max(report.selection_bootstrap.size, 0.0))
        among = f"(bootstrap over {report.selection_bootstrap.n_trials} trials)"
        _say(
            console,
            f"  selection makes its dev {metric_name(report.metric)} optimistic by about {size} {among}",
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


def _origin_text(winner: Winner) -> str:
    """Say where the winner's point came from, unless the sampler chose it."""
    return "" if winner.origin == SAMPLER else f" {origin_text(winner.origin)},"


def _epochs_text(winner: Winner) -> str:
    if winner.folds is None:
        return f"epoch {winner.best_epoch} of {winner.epochs}"
    return f"trained on train and dev together for {counted(winner.best_epoch, 'epoch')}"


def _print_seal(report: StudyReport, console: Console) -> None:
    test = report.test
    if test is None:
        _print_why_sealed(report, console)
    else:
        _print_test(test, report, console)
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


def _print_why_sealed(report: StudyReport, console: Console) -> None:
    if report.winner is None:
        _say(console, ("The test set is sealed", "bold"), "; there is no winner to sit it")
    elif report.rounds is not None and report.rounds.winner not in (None, report.study):
        _say(console, f"The winner of all rounds is study {report.rounds.winner}'s: it sits the test set")
    elif report.earlier_looks is not None:
        _say(console, ("The test figure is sealed", "bold"), f": {report.earlier_looks.sentence}")
        unseal = f"{report.earlier_looks.unseal}{storage_flag(report.storage)}"
        _say_to_copy(console, f"  To see it all the same, once the search is done: {unseal}")
    else:
        _say_to_copy(
            console,
            ("The test set is sealed", "bold"),
            f"; once the search is done: proctor unseal {report.study}{storage_flag(report.storage)}",
        )


def _print_test(test: TestFigures, report: StudyReport, console: Console) -> None:
    figure = metric_text(report.metric, test.models["winner"][report.metric])
    low, high = (metric_text(report.metric, end) for end in test.interval)
    _say(
        console,
        (f"Test {metric_name(report.metric)} {figure}", "bold green"),
        f", 95 % interval {low} to {high} ({test.interval_method}, {test.n_examples:,} examples)",
    )
    print_test_by_class(report, console)
    lines = list(against_baselines(test, report.metric))
    if lines:
        _say(console, "  Beside simpler models on the same rows (95 % intervals of the differences):")
    for line in lines:
        _say(console, f"    {line}")
    if report.overfitting is not None:
        _say(console, f"  {overfitting_text(report.overfitting, report.metric)}")
    if test.n_faulty:
        _say(console, ("  " + faulty_text(test.n_faulty), "yellow"))


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)


def _say_to_copy(console: Console, *parts: str | tuple[str, str]) -> None:
    # The terminal itself breaks the line, so that a command copied from it stays one line.
    console.print(Text.assemble(*parts), soft_wrap=True)
