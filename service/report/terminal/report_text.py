"""The report on one screen, and its main lines, as a run ends with them."""

from bisect import bisect_right
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from service.advice.confirmation import Confirmation
from service.advice.rounds import RoundLine, Rounds
from service.configuration.model_config import model_noun
from service.data.checks.separation import AdversarialCheck
from service.report.facts.final_facts import TestFigures
from service.report.facts.search_facts import DEFAULT, SAMPLER
from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Winner
from service.report.terminal.advice_text import print_gaps, print_more_data
from service.report.terminal.contest_text import print_contest
from service.report.terminal.figures_text import (
    print_dev_analysis,
    print_dev_by_class,
    print_dev_figure,
    print_figures,
    print_test_by_class,
)
from service.report.terminal.screen import filled_lines
from service.report.wording.advice import expectation_text
from service.report.wording.final_figure import (
    NOTHING_LEARNED,
    after_look_sentences,
    against_baselines,
    faulty_text,
    nothing_learned_text,
    overfitting_text,
    verdict_sentences,
    warnings_of,
)
from service.report.wording.numbers import (
    duration_text,
    mean_text,
    metric_name,
    metric_text,
    metrics_text,
    model_figure_text,
    size_text,
    sizes_text,
    value_text,
)
from service.report.wording.search import foreign_lines, origin_text, set_aside_lines
from service.report.wording.winner import confirmation_lines, ensemble_lines, shipped_noun
from service.study.search.search_budget import EndingReason
from service.study.storage.database_url import next_command
from workers.metrics.metric import Metric


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
    if report.copy_of is not None:
        _say(console, f"  copied from study {report.copy_of}")
    nothing = nothing_learned_text(report)
    if nothing is not None:
        _say(console, (f"{NOTHING_LEARNED}", "bold red"), f": {nothing}")
    _print_decisions(report, console)
    _print_search(report, console)
    _print_studies_in_a_row(report, console)
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
            _print_adversarial_check(report.adversarial, console)
    if report.has_test_set:
        _print_seal(report, console)
    else:
        print_dev_figure(report, console)
    for warning in warnings_of(report):
        _say(console, ("Warning: ", "yellow"), warning)
    _print_reproduction(report, console)
    console.print()


def _print_reproduction(report: StudyReport, console: Console) -> None:
    _say_to_copy(console, ("Reproduce: ", "dim"), report.reproduce)
    if report.own_model is not None:
        _say_to_copy(console, f"  with {report.own_model.code}, SHA-256 {report.own_model.sha256}")


def print_brief_report(report: StudyReport, console: Console) -> None:
    """Print winner, figures, the diagnosis in a sentence and what to try next.

    Parameters
    ----------
    report
        The report.
    console
        The screen; a width of 80 is enough.
    """
    console.print()
    nothing = nothing_learned_text(report)
    if nothing is not None:
        _say(console, (NOTHING_LEARNED, "bold red"), f": {nothing}")
    if not _went_as_planned(report):
        _print_search(report, console)
    _print_studies_in_a_row(report, console)
    if report.winner is None:
        _say(console, ("No trial is complete: there is no winner.", "red"))
    else:
        _print_winner(report.winner, report, console, is_brief=True)
        print_figures(report.winner, report, console)
        print_dev_by_class(report, console)
    if report.has_test_set:
        _print_seal(report, console, is_brief=True)
    else:
        print_dev_figure(report, console)
    if report.gaps is not None:
        _say(console, ("Diagnosis: ", "bold"), report.gaps.verdict)
    if report.advice:
        first = report.advice[0]
        _say(console, ("Next: ", "bold"), first.text, expectation_text(first, report.metric))
    for warning in warnings_of(report):
        _say(console, ("Warning: ", "yellow"), warning)
    whole = next_command(report.storage, "show", report.study)
    for lead, command in (("Reproduce", report.reproduce), ("More of this on the screen", whole)):
        console.print(Text.assemble((f"{lead}: ", "dim"), command), soft_wrap=True)


def _went_as_planned(report: StudyReport) -> bool:
    """Return whether all trials were run, none failed, and none was set aside or made by another tool."""
    ended = report.ending is None or report.ending.reason is EndingReason.TRIALS
    return ended and not (report.failures or report.set_aside or report.foreign_trials)


def _print_decisions(report: StudyReport, console: Console) -> None:
    """Print what was decided about the split, and why."""
    for decision in (report.equal_rows, report.train_dev):
        if decision is not None and decision.sentence is not None:
            _say(console, f"  {decision.sentence}")


def _print_search(report: StudyReport, console: Console) -> None:
    """Print how the search went; what is as always has no line."""
    for line in search_lines(report):
        console.print(Text(line), soft_wrap=not console.is_terminal)
    console.print()


MOST_REASONS_SHOWN = 3
MOST_BUDGETS_SHOWN = 5


def search_lines(report: StudyReport) -> list[str]:
    """Return how the search went, a line a fact.

    Parameters
    ----------
    report
        The study's.
    """
    trials = report.trials
    n_ended = trials.complete + trials.pruned + trials.failed
    line = f"  {n_ended} of {trials.budget} trials: {trials.complete} complete, {trials.pruned} pruned"
    line += f", {trials.failed} failed"
    if trials.running:
        line += f", {trials.running} without a result yet"
    line += f"; trained for {duration_text(report.search_seconds)}"
    line += f" ({duration_text(report.training_seconds)} summed over trials)"
    lines = [line]
    if report.ending is not None and report.ending.reason is not EndingReason.TRIALS:
        lines.append(f"  ended because: {report.ending.text}")
    if set(report.origins) - {SAMPLER, DEFAULT}:
        points = ", ".join(f"{n} {origin_text(origin)}" for origin, n in report.origins.items())
        lines.append(f"  points: {points}")
    if report.confirmation is not None:
        runs = counted(trials.confirmation_runs, "run")
        seconds = duration_text(report.confirmation.training_seconds)
        lines.append(f"  then {runs} of finalists with other seeds ({seconds} of training)")
    lines += _failure_lines(report)
    lines += [f"  {line}" for line in set_aside_lines(report.set_aside)]
    lines += [f"  {line}" for line in foreign_lines(report.foreign_trials)]
    return lines + _expected_lines(report)


def shown_budgets(n: int) -> Sequence[int]:
    """Return numbers of trials to report a figure for: of 1, 3, 10, 30, ... the last few below n, and n."""
    steps = [3**odd * 10**tens for tens in range(len(str(n)) + 1) for odd in (0, 1)]
    return [*steps[: bisect_right(steps, n - 1)][1 - MOST_BUDGETS_SHOWN :], n]


def _failure_lines(report: StudyReport) -> list[str]:
    reasons = sorted(report.failures.items(), key=lambda item: -item[1])
    lines = [f"    failed {count} x: {reason}" for reason, count in reasons[:MOST_REASONS_SHOWN]]
    if len(reasons) > MOST_REASONS_SHOWN:
        lines.append(f"    and for other reasons ({len(reasons) - MOST_REASONS_SHOWN} more)")
    return lines


def _expected_lines(report: StudyReport) -> list[str]:
    figures = report.expected_best_so_far.figures
    if figures is None:
        return []
    budgets = shown_budgets(len(figures))
    best = ", ".join(metric_text(report.metric, figures[b - 1]) for b in budgets)
    of = ", ".join(f"{b:,}" for b in budgets)
    return [f"  best dev {metric_name(report.metric)} expected of {of} such trials: {best}"]


def _print_studies_in_a_row(report: StudyReport, console: Console) -> None:
    """Print the rounds or the contest that the study is in, if it is in one."""
    if report.rounds is not None:
        _print_rounds(report.rounds, report.metric, console)
    if report.contest is not None:
        print_contest(report.contest, report.metric, console)


def _print_rounds(rounds: Rounds, metric: Metric, console: Console) -> None:
    """Print what each round tried and reached, and why there are no more."""
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("  round", "step", f"dev {metric_name(metric)}", "trials", "epochs", "trouble"):
        table.add_column(heading, justify="left" if heading in ("  round", "step", "trouble") else "right")
    for line in rounds.rounds:
        style = "bold" if line.study == rounds.winner else ""
        table.add_row(*_cells(line, metric), style=style)
    console.print(table)
    if rounds.ending is not None:
        console.print(Text(f"  no further round: {rounds.ending}"), soft_wrap=not console.is_terminal)
    console.print()


def _cells(line: RoundLine, metric: Metric) -> tuple[str, ...]:
    figure = "-" if line.dev_metric is None else metric_text(metric, line.dev_metric)
    trouble = line.trouble or "-"
    return f"  {line.study}", line.step or "-", figure, f"{line.trials}", f"{line.epochs:,}", trouble


def _print_winner(winner: Winner, report: StudyReport, console: Console, *, is_brief: bool = False) -> None:
    """Print who won, how confirmation went, and its hyperparameters; then an empty line.

    Parameters
    ----------
    winner
        The winner.
    report
        Its study's report.
    console
        The screen.
    is_brief
        Whether what its dev figure owes to selection and what is fixed go without a line; an average's is
        shown all the same.
    """
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
        most = 1 if is_brief else None
        _print_confirmation(report.confirmation, report.metric, console, most=most)
    for line in ensemble_lines(winner, report.metric):
        _say(console, f"  {line}")
    if report.selection_bootstrap is not None and (winner.ensemble is not None or not is_brief):
        size = size_text(report.metric, max(report.selection_bootstrap.size, 0.0))
        among = f"(bootstrap over {report.selection_bootstrap.n_trials} trials)"
        _say(
            console,
            f"  selection makes its dev {metric_name(report.metric)} optimistic by about {size} {among}",
        )
    values = winner.hyperparameters
    searched = [Text(f"{name} ").append(value_text(values[name]), "bold") for name in winner.searched]
    fixed = [f"{name} {value_text(values[name])}" for name in winner.fixed]
    console.print(filled_lines(searched, width=console.width, indent="  "))
    if fixed and not is_brief:
        pieces = ["fixed:", *(f"{piece}," for piece in fixed[:-1]), fixed[-1]]
        dim = [Text(piece, "dim") for piece in pieces]
        console.print(filled_lines(dim, width=console.width, indent="  ", gap=" "))
    for name, value in () if is_brief else winner.model_figures.items():
        _say(console, f"  {model_figure_text(name, value)}")
    console.print()


def _print_confirmation(
    confirmation: Confirmation, metric: Metric, console: Console, *, most: int | None = None
) -> None:
    """Print how the finalists did with other seeds, on so many lines at most."""
    for line in confirmation_lines(confirmation, metric)[:most]:
        console.print(Text(f"  {line}"), soft_wrap=not console.is_terminal)


def _origin_text(winner: Winner) -> str:
    """Say where the winner's point came from, unless the sampler chose it."""
    return "" if winner.origin == SAMPLER else f" {origin_text(winner.origin)},"


def _epochs_text(winner: Winner) -> str:
    if winner.folds is None:
        return f"epoch {winner.best_epoch} of {winner.epochs}"
    if winner.folds.are_averaged:
        return f"trained in each of {len(winner.folds.metrics)} folds, which are averaged"
    return f"trained on train and dev together for {counted(winner.best_epoch, 'epoch')}"


def _print_adversarial_check(check: AdversarialCheck, console: Console) -> None:
    """Print what a classifier of the two sets reached, and by which columns; then an empty line."""
    low, high = check.interval
    differ = "differ" if check.are_apart else "show no clear difference"
    figure = f"ROC AUC {check.area:.3f}, 95 % interval {low:.3f} to {high:.3f} (0.5: no difference)"
    line = Text.assemble((f"{check.compared.capitalize()} and dev examples {differ}", "bold"), f": {figure}")
    console.print(line, soft_wrap=not console.is_terminal)
    if check.columns:
        pieces = [Text(f"{it.column} ").append(f"{it.area:.3f}", "bold") for it in check.columns]
        console.print(filled_lines([Text("by column:"), *pieces], width=console.width, indent="  "))
    console.print()


def _print_seal(report: StudyReport, console: Console, *, is_brief: bool = False) -> None:
    """Print the test figure, or why there is none, and all looks at the test set.

    Parameters
    ----------
    report
        A report of a study that has a test set.
    console
        The screen.
    is_brief
        Whether simpler models are compared in a sentence, without the differences.
    """
    test = report.test
    if test is None:
        _print_why_sealed(report, console)
    else:
        _print_test(test, report, console, is_brief=is_brief)
    own, others = report.own_looks, report.others_looks
    if own or others:
        summary = f"  Looks at this test set: {len(own)} by this study"
        names = ", ".join(dict.fromkeys(look.named for look in others))
        _say(console, summary + (f", {len(others)} by others ({names})" if others else ""))
    for look in own:
        if look.reason:
            _say(console, f"  look {look.look}, {look.opened_at:%Y-%m-%d %H:%M} UTC, because: {look.reason}")
        if not look.is_finished:
            _say_to_copy(
                console,
                "  ",
                (f"look {look.look}, {look.opened_at:%Y-%m-%d %H:%M} UTC: opened without a figure", "yellow"),
                f"; `{next_command(report.storage, 'unseal', report.study)}` finishes it",
            )
    for sentence in after_look_sentences(report):
        _say(console, f"  {sentence}")


def _print_why_sealed(report: StudyReport, console: Console) -> None:
    if report.winner is None:
        _say(console, ("The test set is sealed", "bold"), "; there is no winner to evaluate on it")
    elif report.better_study is not None:
        among = "all rounds" if report.contest is None else "all kinds of model"
        _say(
            console,
            f"Study {report.better_study} has the best winner of {among}: that one is evaluated on"
            " the test set",
        )
    elif report.earlier_looks is not None:
        _say(console, ("The test figure is sealed", "bold"), f": {report.earlier_looks.sentence}")
        _say_to_copy(console, f"  To open it anyway, once the search is done: {report.earlier_looks.unseal}")
    else:
        _say_to_copy(
            console,
            ("The test set is sealed", "bold"),
            f"; once the search is done: {next_command(report.storage, 'unseal', report.study)}",
        )


def _print_test(test: TestFigures, report: StudyReport, console: Console, *, is_brief: bool) -> None:
    figure = metric_text(report.metric, test.models["winner"][report.metric])
    low, high = (metric_text(report.metric, end) for end in test.interval)
    _say(
        console,
        (f"Test {metric_name(report.metric)} {figure}", "bold green"),
        f", 95 % interval {low} to {high} ({test.interval_method}, {test.n_examples:,} examples)",
    )
    print_test_by_class(report, console)
    if is_brief:
        noun = model_noun(report.model) if report.winner is None else shipped_noun(report.winner)
        _say(console, f"  {verdict_sentences(test, report.metric, noun=noun)}")
    else:
        _print_differences(test, report.metric, console)
    if report.overfitting is not None and (report.overfitting.is_clear or not is_brief):
        _say(console, f"  {overfitting_text(report.overfitting, report.metric)}")
    if test.n_faulty:
        _say(console, ("  " + faulty_text(test.n_faulty), "yellow"))


def _print_differences(test: TestFigures, metric: Metric, console: Console) -> None:
    lines = list(against_baselines(test, metric))
    if lines:
        _say(console, "  Beside simpler models on the same rows (95 % intervals of the differences):")
    for line in lines:
        _say(console, f"    {line}")


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)


def _say_to_copy(console: Console, *parts: str | tuple[str, str]) -> None:
    # The terminal itself breaks the line, so that a command copied from it stays one line.
    console.print(Text.assemble(*parts), soft_wrap=True)
