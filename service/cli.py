"""The command line: words and flags. What they do is imported when they are called, so that help is instant.

Exit statuses: 0 done, 1 a fault, 2 bad input, 130 interrupted: by Ctrl-C, SIGTERM, or a terminal that closes.
"""

import atexit
import errno
import os
import re
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from service.commands.command_group import CommandGroup
from service.commands.mended_command import mended_command, with_target
from service.errors import BadInputError, ProctorError, TargetError
from service.report.terminal.interruption import INTERRUPTED_STATUS, stopping_signals
from service.shell_command import REASON, path_word, shell_command, typed_command

_NOBODY_READS = frozenset({errno.EPIPE, errno.EIO})
"""How writing fails where a pipe or a terminal has been closed."""


def main() -> NoReturn:
    """Run the command that the process was called with, and exit with its status."""
    for number in stopping_signals():
        if number != signal.SIGINT:
            signal.signal(number, _interrupt)
    status = run_command(sys.argv[1:])
    if "ray" in sys.modules:
        _leave(status)
    sys.exit(status)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Do as Ctrl-C does; what cleans up then is only interrupted again by a SIGTERM, at once."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise KeyboardInterrupt


def _leave(status: int) -> NoReturn:
    """End the process without the destructors of libraries.

    Threads of Ray's outlive its shutdown, and one that still runs while the process's C++ objects are taken
    down may end a study that is done with a segmentation fault: one in forty did on a busy machine.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 (as Python does before it ends by itself)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


def run_command(arguments: list[str]) -> int:
    """Run a command; an error that one line explains is printed as that line.

    Parameters
    ----------
    arguments
        What stands after `proctor` on the command line.

    Returns
    -------
    int
        The exit status.
    """
    try:
        status = _run_or_ask(arguments)
    except (click.ClickException, ProctorError, click.Abort, KeyboardInterrupt) as error:
        line, status = _explained(error)
        if isinstance(error, Exception) and (command := mended_command(arguments, error)):
            line += f" Next: {command}" if line.endswith("?") else f"; next: {command}"
        with suppress(OSError):  # a terminal that has been closed
            click.echo(f"proctor: {_without_secrets(line)}", err=True)
    except OSError as error:
        if error.errno not in _NOBODY_READS:
            raise
        _say_no_more()
        return INTERRUPTED_STATUS if isinstance(error.__context__, KeyboardInterrupt) else 1
    return status if isinstance(status, int) else 0


def _run_or_ask(arguments: list[str]) -> object:
    """Run a command; on a terminal, ask for the target that it lacks, and run it with that."""
    try:
        return _run(arguments)
    except TargetError as error:
        if error.is_named or "--json" in arguments or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        answered = with_target(arguments, _asked_target(error))
    click.echo(f"proctor: running {_without_secrets(typed_command(answered))}", err=True)
    return _run(answered)


def _run(arguments: list[str]) -> object:
    return proctor.main(arguments, prog_name="proctor", standalone_mode=False, obj=tuple(arguments))


MOST_COLUMNS_ASKED = 30
"""Columns that are listed for an answer by number; those of a wider table are answered by name."""


def _asked_target(error: TargetError) -> str:
    """Ask on the terminal which column is to be predicted."""
    columns = error.columns
    for number, name in enumerate(columns[:MOST_COLUMNS_ASKED], start=1):
        click.echo(f"{number:>4}  {name}", err=True)
    if len(columns) > MOST_COLUMNS_ASKED:
        click.echo(f"      and {len(columns) - MOST_COLUMNS_ASKED} more", err=True)

    def column_of(answer: str) -> str:
        if answer in columns:
            return answer
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(columns):
            return columns[int(answer) - 1]
        raise click.UsageError(f"expected one of the columns, by name or number, got {answer!r}")

    question = "Which column is to be predicted"
    return str(click.prompt(question, default=error.meant, value_proc=column_of, err=True))


def _say_no_more() -> None:
    """Let what is still to be written go nowhere: whoever read it has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())


def _explained(error: BaseException) -> tuple[str, int]:
    """Return an error's line and exit status."""
    match error:
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "proctor"
            return f"{error.format_message()} (see {command} --help)", 2
        case click.ClickException():
            return error.format_message(), error.exit_code
        case BadInputError():
            return str(error), 2
        case ProctorError():
            return str(error), 1
        case _:
            return "interrupted", INTERRUPTED_STATUS


_USER_INFO = re.compile(r"([\w+]:/{1,2}[^\s:/@]*):\S*@")
_SECRET_OPTION = re.compile(
    r"([?&][\w-]*(?:pass|pwd|token|secret|key|auth)[\w-]*=)[^\s&'\")]*", re.IGNORECASE
)


def _without_secrets(line: str) -> str:
    """Mask what may be secret in a database's URL that was written where no URL belongs, and is repeated.

    Where one belongs, `service.study.storage.database_url` masks all that is not known to be harmless.
    """
    return _SECRET_OPTION.sub(r"\1***", _USER_INFO.sub(r"\1:***@", line))


Command = Callable[..., Any]


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Join options that several commands share."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_storage = click.option(
    "--storage",
    envvar="PROCTOR_STORAGE",
    metavar="URL",
    help="Database of the studies.  [default: sqlite:///proctor.db; env: PROCTOR_STORAGE]",
)
_launching = _options(
    _storage,
    click.option(
        "--storage-patience",
        type=float,
        metavar="SECONDS",
        help="How long the database may be away before a study gives up.  [default: 600]",
    ),
    click.option(
        "--workers",
        type=int,
        help="Workers to start; 0 trains in this process, without Ray.  [default: the machine's cores]",
    ),
    click.option(
        "--address",
        envvar="PROCTOR_ADDRESS",
        metavar="HOST:PORT",
        help="A running Ray cluster to use, or `auto` on one of its nodes.  [env: PROCTOR_ADDRESS]",
    ),
)
_sheet = click.option("--sheet", metavar="NAME", help="The sheet of an Excel workbook.  [default: the first]")
_splitting = _options(
    _sheet,
    click.option("--dev-table", metavar="FILE", help="Where the dev set comes from.  [default: TABLE]"),
    click.option("--test-table", metavar="FILE", help="What the test set is.  [default: a part of TABLE]"),
    click.option("--no-test", is_flag=True, help="Have no test set: the figure is then a dev figure."),
    click.option("--folds", type=int, help="Parts that take turns as dev set.  [default: 1 dev set]"),
    click.option(
        "--equal-rows",
        type=click.Choice(["auto", "together", "apart"]),
        help="Keep rows with the same features together, or split them apart.  [default: auto]",
    ),
    click.option(
        "--train-dev",
        type=click.Choice(["auto", "always", "never"]),
        help="Set train rows aside to tell a dev table's mismatch from variance.  [default: auto]",
    ),
)
_detaching = click.option(
    "--detach", is_flag=True, help="Go on without this terminal; what is shown goes to STUDY.log."
)
_page = click.option("--no-report", is_flag=True, help="Write no report to STUDY-report.html at the end.")
_verbose = click.option(
    "--verbose", is_flag=True, help="Show each trial's hyperparameters, and the whole report."
)
_showing = _options(
    click.option("--quiet", is_flag=True, help="Show nothing but the report."),
    click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object."),
)


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version("proctor"), prog_name="proctor")
@click.pass_context
def proctor(context: click.Context) -> None:
    """Search hyperparameters honestly: trials compete on the dev set, one winner sits the sealed test set.

    Begin with `proctor run digits`, or `proctor run table.csv --target COLUMN`.
    """
    if context.invoked_subcommand is None:
        click.echo(FIRST_STEPS)


FIRST_STEPS = """\
Proctor tunes small neural networks on your own table, and reports one figure that can be believed.

  proctor run digits                            a first study, of a built-in table of handwritten digits
  proctor data table.csv --target COLUMN        what it understands of your table, before any training
  proctor run table.csv --target COLUMN         a study of your own table

proctor --help lists all commands; proctor run --help, all that a study can be told."""
"""What is shown to whoever types `proctor` alone."""


@proctor.command()
@click.argument("source", metavar="TABLE|STUDY.toml")
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option("--task", metavar="TASK", help="classification or regression.  [default: told by the target]")
@_splitting
@click.option("--space", metavar="NAME", help="A built-in search space; `proctor spaces` lists them.")
@click.option("--trials", type=int, help="Points to try.  [default: 50]")
@click.option("--seed", type=int, help="Source of all randomness.  [default: 0]")
@click.option("--search-seed", type=int, help="Source of the search's alone.  [default: the seed]")
@click.option(
    "--concurrency",
    type=int,
    help="Most trials in progress at once; decides results.  [default: --trials / 16, from 4 to 32]",
)
@click.option("--max-epochs", type=int, help="Most passes over the train set.  [default: 60]")
@click.option("--patience", type=int, help="Epochs without gain before a trial stops.  [default: 10]")
@click.option("--sampler", metavar="NAME", help="tpe, random, qmc, gp, cma-es or grid.  [default: tpe]")
@click.option(
    "--pruner",
    metavar="NAME",
    help="successive-halving, hyperband, median, threshold or none.  [default: successive-halving]",
)
@click.option("--metric", metavar="NAME", help="What trials are chosen by.  [default: told by the target]")
@click.option("--watch", metavar="NAME", help="What stops and prunes trials early.  [default: the metric]")
@click.option("--bayes-error", type=float, help="The best error anyone could reach.  [default: estimated]")
@click.option("--epochs", type=int, help="Epochs of all trials after which none begins.")
@click.option("--seconds", type=float, help="Seconds after which no trial begins; not reproducible.")
@click.option("--dev-metric", type=float, metavar="VALUE", help="A dev figure that is good enough.")
@click.option("--no-gain", type=int, metavar="N", help="End the search after N trials without a new best.")
@click.option("--confirm", type=int, metavar="N", help="Best trials to train with more seeds.  [default: 5]")
@click.option("--confirm-seeds", type=int, metavar="N", help="Further seeds of each.  [default: 2]")
@click.option("--ensemble", is_flag=True, help="Let the winner be the average of its seeds' networks.")
@click.option("--no-baselines", is_flag=True, help="Compare only with the majority class (or the mean).")
@click.option("--trial-seconds", type=float, help="Seconds after which a trial is ended.")
@click.option("--trial-memory", type=int, metavar="MB", help="Memory that a trial may take.")
@click.option("--rounds", type=int, metavar="N", help="Most studies in a row, by advice.  [default: 1]")
@click.option("--warm-start", metavar="STUDY", help="An earlier study whose best points are tried first.")
@click.option("--name", help="The study's name.  [default: the table's]")
@click.option("--keep-sealed", is_flag=True, help="Leave the test set sealed, for `proctor unseal`.")
@click.option(
    "--look-again", metavar="REASON", help="Open the test set also if other studies opened it before."
)
@_launching
@_detaching
@_page
@_verbose
@_showing
def run(  # noqa: PLR0913 (a flag each)
    source: str,
    *,
    keep_sealed: bool,
    look_again: str | None,
    detach: bool,
    no_report: bool,
    verbose: bool,
    quiet: bool,
    as_json: bool,
    **flags: object,
) -> int:
    """Run a study, from a table to one figure on its sealed test set.

    TABLE is a built-in table (digits, breast_cancer, wine, iris, diabetes) or a file: CSV, JSON lines, JSON,
    Excel, Parquet, Feather or NumPy's. A STUDY.toml says all that the flags say, which go before it
    (`proctor init` writes one).
    """
    from service.commands.run import run_study
    from service.configuration.command_flags import check_look_again, command_of_run, study_of
    from service.report.terminal.display import opened_display

    config, launch = study_of(source, flags)
    check_look_again(config, keep_sealed=keep_sealed, look_again=look_again)
    if detach:
        return _detached(config.name, launch, as_json=as_json)
    return run_study(
        config,
        launch,
        command=command_of_run(source, flags, seed=config.seed),
        keep_sealed=keep_sealed,
        look_again=look_again,
        display=opened_display(config.name, _showing_of(verbose=verbose, quiet=quiet, as_json=as_json)),
        with_page=not no_report,
    )


def _detached(name: str, launch: Any, *, as_json: bool) -> int:  # noqa: ANN401 (a LaunchConfig, whose import is slow)
    """Run the command that was called in a session of its own."""
    from service.commands.detaching import run_detached

    if as_json:
        raise BadInputError(
            "--json prints the report, which a detached study does not have yet: expected one of --json and"
            f" --detach; `{shell_command('show', name, flags=['--json'])}` prints it at the end"
        )
    arguments = click.get_current_context().find_root().obj
    return run_detached(name, arguments, launch, say=click.echo)


@proctor.command()
@click.argument("study")
@click.option("--trials", type=int, help="Points to try in all, more than there are: the search goes on.")
@click.option("--epochs", type=int, help="The same for epochs of all trials.")
@click.option("--seconds", type=float, help="The same for seconds of searching; not reproducible.")
@click.option("--dev-metric", type=float, metavar="VALUE", help="A better dev figure that is good enough.")
@click.option("--no-gain", type=int, metavar="N", help="End the search after more trials without a new best.")
@click.option("--retry-failed", is_flag=True, help="Try again the points of trials that the machine failed.")
@click.option(
    "--look-again",
    metavar="REASON",
    help="Open the test set for a new winner too, if this study or another opened it before.",
)
@_launching
@_detaching
@_page
@_verbose
@_showing
def resume(  # noqa: PLR0913 (a flag each)
    study: str,
    *,
    trials: int | None,
    epochs: int | None,
    seconds: float | None,
    dev_metric: float | None,
    no_gain: int | None,
    retry_failed: bool,
    look_again: str | None,
    detach: bool,
    no_report: bool,
    verbose: bool,
    quiet: bool,
    as_json: bool,
    **places: object,
) -> int:
    """Go on with a study that was stopped or killed; its end is the same as if nothing had happened.

    With a new total, such as --trials 100, a study that has ended goes on too, and comes to what it would
    have come to with that total from the start. With --retry-failed, the points of trials that were lost with
    their workers, or ran out of memory or time, are tried by further trials.
    """
    from service.commands.run import resume_study
    from service.configuration.command_flags import check_reason, overrides
    from service.report.terminal.display import opened_display

    limits = {"trials": trials, "epochs": epochs, "seconds": seconds}
    given = overrides(limits | {"dev_metric": dev_metric, "no_gain": no_gain})
    if look_again is not None:
        check_reason(look_again)
        if not given and not retry_failed:
            raise BadInputError(
                "--look-again: expected a new limit with it, such as --trials; for a study that has ended:"
                f" {shell_command('unseal', study, flags=['--look-again', REASON])}"
            )
    if detach:
        return _detached(study, _launch(**places), as_json=as_json)
    return resume_study(
        study,
        _launch(**places),
        limits=given,
        retry_failed=retry_failed,
        look_again=look_again,
        display=opened_display(study, _showing_of(verbose=verbose, quiet=quiet, as_json=as_json)),
        with_page=not no_report,
    )


@proctor.command()
@click.argument("study")
@_storage
def watch(study: str, *, storage: str | None) -> int:
    """Watch a study that runs in another terminal or on another machine, until it ends or Ctrl-C.

    The panel, and in a pipe the lines, are those of `proctor run`; they come from the database alone, to
    which nothing is written. Ctrl-C ends the watching, not the study.
    """
    from service.commands.watch import watch_study

    return watch_study(study, _launch(storage=storage))


@proctor.command()
@click.argument("study")
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for its end.",
)
@_storage
def stop(study: str, *, wait_seconds: float, storage: str | None) -> int:
    """Stop a running study in order, as Ctrl-C does, from another terminal or machine.

    Trials that run have three seconds to end. All that has ended is kept, and `proctor resume` goes on with
    the study. Exits with 0 when nobody runs it any more, with 1 when that is not certain.
    """
    from service.commands.stop import stop_study

    return stop_study(study, _launch(storage=storage), wait_seconds=wait_seconds, say=click.echo)


@proctor.command()
@click.argument("study")
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    required=True,
    help="A hyperparameter's value; repeat it for others. The rest have their defaults.",
)
@_storage
def enqueue(study: str, *, settings: tuple[str, ...], storage: str | None) -> None:
    """Have a point tried as the next trial of a study, running or stopped.

    A running study takes it up within seconds. It counts as one of the study's trials.
    """
    from search_spaces.counted import counted
    from service.commands.enqueue import enqueue_point
    from service.report.wording.numbers import values_text

    found = enqueue_point(study, _launch(storage=storage), _settings(settings))
    after = f", after {counted(found.n_before, 'other')}" if found.n_before else ""
    click.echo(f"enqueued in study {study}{after}: {values_text(found.values)}")
    if found.tried:
        trials = ", ".join(map(str, found.tried))
        click.echo(f"the study has tried this point already, with another seed: trial {trials}")


def _settings(settings: tuple[str, ...]) -> dict[str, int | float | str]:
    """Read NAME=VALUE pairs: numbers as numbers, all else as words."""
    import json

    given: dict[str, int | float | str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not (name and equals and text):
            raise BadInputError(f"--set: expected NAME=VALUE, found {setting!r}")
        if name in given:
            raise BadInputError(f"--set: expected one value for {name}, found {given[name]} and {text}")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        given[name] = value if is_number else text
    return given


@proctor.command()
@click.argument("study")
@click.option(
    "--look-again",
    metavar="REASON",
    help="Why it is opened, if this study or another opened it before; every look is counted.",
)
@_page
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@_storage
def unseal(
    study: str, *, look_again: str | None, no_report: bool, as_json: bool, storage: str | None
) -> None:
    """Open the sealed test set of a study that has ended, which cannot be undone."""
    from service.commands.report_writing import write_page
    from service.commands.unseal import unseal_study
    from service.configuration.command_flags import check_reason
    from service.report.terminal.display import page_text, show_report
    from service.report.terminal.screen import screen

    if look_again is not None:
        check_reason(look_again)
    launch = _launch(storage=storage)
    report = unseal_study(study, launch, reason=look_again)
    show_report(report, _showing_of(verbose=not as_json, quiet=False, as_json=as_json), screen())
    if no_report:
        return
    try:
        path = write_page(study, launch)
    except ProctorError as error:  # the opening has been: that its report has no file is no fault of it
        click.echo(f"proctor: warning: {error}", err=True)
    else:
        click.echo(f"proctor: {page_text(path)}" if as_json else page_text(path), err=as_json)


@proctor.command("report")
@click.argument("study")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A page (.html), Markdown (.md) or JSON (.json).  [default: STUDY-report.html]",
)
@_storage
def write_report(study: str, *, output: Path | None, storage: str | None) -> None:
    """Write a study's whole report to a file: a page that opens anywhere, without a network.

    Test figures are in it only after the opening. A file that is there makes way.
    """
    from service.commands.report_writing import write_page

    click.echo(f"{write_page(study, _launch(storage=storage), output)} written")


@proctor.command()
@click.argument("study")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    help="The model's directory, to be made.",
)
@click.option("--force", is_flag=True, help="Let a model that is there already make way.")
@click.option("--onnx", is_flag=True, help="Write model.onnx as well, from raw columns to predictions.")
@_storage
def export(study: str, *, output: Path, force: bool, onnx: bool, storage: str | None) -> None:
    """Write the winner of a study that has ended to a directory, for `proctor predict` and for Python.

    The winner is trained again for its weights; the sealed test set is not touched.
    """
    from service.commands.export import export_study
    from service.report.facts.listing import report_and_study
    from service.report.terminal.dev_figure_text import note_on_dev_figure

    winner = export_study(study, _launch(storage=storage), output, replace=force, with_onnx=onnx)
    if not winner.is_reproduced:
        click.echo(
            "proctor: trained again, the winner has other figures than it won with: another kind of processor"
            " or another NumPy",
            err=True,
        )
    command = shell_command("predict", path_word(output), "new.csv", flags=["-o", "predictions.csv"])
    click.echo(f"{output} written: trial {winner.trial} of study {winner.study}; predict with: {command}")
    if note := note_on_dev_figure(report_and_study(winner.study, _launch(storage=storage))[0]):
        click.echo(note)


@proctor.command()
@click.argument("model", metavar="MODEL|STUDY", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--output", "-o", metavar="FILE", help="Where predictions go.  [default: standard output, which is -]"
)
@click.option("--proba", is_flag=True, help="Add a column TARGET=CLASS with the probability of each class.")
@click.option(
    "--keep",
    metavar="COLUMN",
    multiple=True,
    help="A column of NEW to write before the prediction, such as an id; repeat it for others.",
)
@click.option(
    "--missing-columns",
    type=click.Choice(["refuse", "allow"]),
    default="refuse",
    show_default=True,
    help="What to do if NEW lacks columns: `allow` reads them as missing cells.",
)
@_sheet
@_storage
def predict(  # noqa: PLR0913 (a flag each)
    model: Path,
    new: Path,
    *,
    output: str | None,
    proba: bool,
    keep: tuple[str, ...],
    missing_columns: str,
    sheet: str | None,
    storage: str | None,
) -> None:
    """Predict the examples of a file, NEW, with a MODEL that `proctor export` wrote, or a STUDY's winner.

    NEW is a file of any format that tables have, or - for standard input. Its columns may come in any order;
    others than those learned from are not read. A row in is a row out, in the same order. A study's winner is
    trained again each time: export it to use it often.
    """
    from service.tables.new_examples import open_examples
    from service.tables.standard_input import as_file
    from service.winner.models.model_reading import read_model
    from service.winner.models.prediction_file import notes_on, write_predictions

    if model.exists() or model.suffix or len(model.parts) > 1:
        winner = read_model(model)
    else:
        winner = _winner_of_study(str(model), _launch(storage=storage)) or read_model(model)
    place = None if output in {None, "-"} else Path(str(output))
    with as_file(new) as file:
        examples = open_examples(
            file.path,
            winner.description.columns,
            keep=keep,
            allow_missing=missing_columns == "allow",
            sheet=sheet,
        )
        predicted = write_predictions(winner, examples, place, probabilities=proba)
    for note in notes_on(winner, predicted, examples):
        click.echo(f"proctor: {file.in_words(note)}", err=True)


def _winner_of_study(name: str, launch: Any) -> Any:  # noqa: ANN401 (types that only this command imports)
    """Train a study's winner again; None where there is no such study."""
    from service.commands.export import winner_of_study
    from service.study.storage.database import has_study

    return winner_of_study(name, launch) if has_study(launch, name) else None


@proctor.command("learning-curve")
@click.argument("study")
@click.option(
    "--seeds",
    type=click.IntRange(2),
    default=3,
    show_default=True,
    help="Trainings on each part of the train set, with examples of their own.",
)
@_launching
@_showing
def learning_curve(study: str, *, seeds: int, quiet: bool, as_json: bool, **places: object) -> int:
    """Measure what more data would bring: the winner trained on parts of the train set.

    An eighth, a quarter, a half and all of it, judged on the dev set; a power law says what twice and ten
    times the examples would bring, and from how many on the dev set could show no more. The sealed test set
    is not touched.
    """
    from service.commands.learning_curve import measure_learning_curve

    showing = _showing_of(verbose=False, quiet=quiet, as_json=as_json)
    return measure_learning_curve(study, _launch(**places), n_seeds=seeds, showing=showing)


@proctor.command()
@click.argument("study")
@click.argument("new_name", metavar="NEW")
@_storage
def rename(study: str, *, new_name: str, storage: str | None) -> None:
    """Give a study another name; its rounds and its openings in the ledger go along."""
    from service.commands.study_keeping import rename_study

    rename_study(study, new_name, _launch(storage=storage))
    click.echo(f"study {study} is now study {new_name}")


@proctor.command()
@click.argument("study")
@click.argument("new_name", metavar="NEW")
@_storage
def copy(study: str, *, new_name: str, storage: str | None) -> None:
    """Copy a study, with its rounds; the copy is a study of its own."""
    from service.commands.study_keeping import copy_study

    copy_study(study, new_name, _launch(storage=storage))
    click.echo(f"study {study} copied to study {new_name}")


@proctor.command()
@click.argument("study")
@click.option("--undo", is_flag=True, help="List it again.")
@_storage
def archive(study: str, *, undo: bool, storage: str | None) -> None:
    """Leave a study out of `proctor list`; everything else works as before."""
    from service.commands.study_keeping import archive_study

    archive_study(study, _launch(storage=storage), is_archived=not undo)
    click.echo(f"study {study} is {'listed again' if undo else 'archived: proctor list --archived shows it'}")


@proctor.command()
@click.argument("study")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_storage
def delete(study: str, *, yes: bool, storage: str | None) -> None:
    """Delete a study with its rounds, which cannot be undone; the ledger keeps its openings."""
    from service.commands.study_keeping import delete_study, to_be_deleted

    launch = _launch(storage=storage)
    names, n_openings = to_be_deleted(study, launch)
    stay = f"; its openings of the test set stay in the ledger ({n_openings})" if n_openings else ""
    what = f"{'studies' if len(names) > 1 else 'study'} {', '.join(names)}"
    if not yes:
        if not sys.stdin.isatty():
            raise BadInputError(f"{what} would be deleted{stay}: expected --yes where nobody can be asked")
        click.confirm(f"Delete {what}{stay}?", abort=True)
    delete_study(study, launch)
    click.echo(f"{what} deleted{stay}")


@proctor.command("list")
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--table", metavar="FILE", help="Those of this table, named with or without its directory.")
@click.option("--state", type=click.Choice(["running", "stopped", "ended"]), help="Those that stand so.")
@click.option("--opened/--sealed", default=None, help="Those whose test set was opened, or is sealed.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    metavar="DATE",
    help="Those with a trial begun or ended since then; local time.",
)
@click.option("-n", "newest", type=click.IntRange(1), help="So many, those that were active last.")
@click.option("--archived", is_flag=True, help="Also those that were archived.")
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON object.")
@_storage
def list_studies(  # noqa: PLR0913 (a flag each)
    name: str | None,
    *,
    table: str | None,
    state: str | None,
    opened: bool | None,
    since: Any,  # noqa: ANN401 (a datetime)
    newest: int | None,
    archived: bool,
    as_json: bool,
    storage: str | None,
) -> None:
    """List the studies of a database, or those that are asked for: NAME may be a pattern, such as 'iris*'."""
    from service.report.facts.study_summaries import StudyState, Wanted, studies_json, summaries_in
    from service.report.terminal.screen import screen
    from service.report.terminal.studies_table import print_studies

    wanted = Wanted(
        name=name,
        table=table,
        state=None if state is None else StudyState(state),
        opened=opened,
        since=None if since is None else since.astimezone(),
        newest=newest,
        archived=archived,
    )
    found = summaries_in(_launch(storage=storage))
    studies = wanted.of(found.readable)
    if as_json:
        click.echo(studies_json(studies, found.refusals))
    elif found.readable and not studies:
        click.echo("no study is like that; `proctor list --archived` shows all")
    else:
        print_studies(studies, screen(), refusals=found.refusals)


@proctor.command()
@click.argument("study")
@click.option("--trial", type=int, metavar="NUMBER", help="Show one trial and its learning curve.")
@click.option("--json", "as_json", is_flag=True, help="Print the report, or the trial, as one JSON object.")
@_storage
def show(study: str, *, trial: int | None, as_json: bool, storage: str | None) -> None:
    """Show a study's report and its best trials, or one trial; test figures only after the opening."""
    from service.report.facts.best_trials import best_trials
    from service.report.facts.listing import report_and_study, study_and_trial, trial_json
    from service.report.terminal.display import Showing, show_report
    from service.report.terminal.listing_text import print_trial
    from service.report.terminal.screen import screen
    from service.report.terminal.trials_text import print_best_trials

    launch = _launch(storage=storage)
    if trial is not None:
        stored, shown = study_and_trial(study, trial, launch)
        if as_json:
            click.echo(trial_json(shown))
        else:
            print_trial(shown, stored.metric, screen(), watch=stored.watch)
        return
    report, stored = report_and_study(study, launch)
    if as_json:
        show_report(report, Showing.JSON, screen())
    else:
        show_report(report, Showing.ALL, screen())
        print_best_trials(best_trials(study, stored.trials, report.metric, n=10), screen())


@proctor.command()
@click.argument("study")
@click.option("-n", "n", type=click.IntRange(1), default=5, show_default=True, help="Most trials to show.")
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON object.")
@_storage
def best(study: str, *, n: int, as_json: bool, storage: str | None) -> None:
    """Show a study's best trials with their hyperparameters, ranked as the winner is chosen.

    Trials that were confirmed with other seeds come first, by their mean.
    """
    from service.report.facts.best_trials import best_trials
    from service.report.facts.listing import study_of
    from service.report.terminal.screen import screen
    from service.report.terminal.trials_text import print_best_trials

    stored = study_of(study, _launch(storage=storage))
    found = best_trials(study, stored.trials, stored.metric, n=n)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    elif found.best:
        print_best_trials(found, screen())
    else:
        click.echo(f"no trial of study {study} is complete yet")


@proctor.command("trials")
@click.argument("study")
@click.option("-n", "n", type=click.IntRange(1), help="Most trials to list, the newest.  [default: all]")
@click.option(
    "--state",
    type=click.Choice(["waiting", "running", "complete", "pruned", "fail"]),
    help="List those in this state alone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON object.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write them to a file: .csv, .parquet or .json, a row each.",
)
@click.option("--set-aside", type=int, metavar="N", help="Rank and choose trial N no more.")
@click.option("--reason", metavar="TEXT", help="Why it is set aside, for the report.")
@click.option("--put-back", type=int, metavar="N", help="Rank trial N again, which was set aside.")
@_storage
def list_trials(  # noqa: PLR0913 (a flag each)
    study: str,
    *,
    n: int | None,
    state: str | None,
    as_json: bool,
    output: Path | None,
    set_aside: int | None,
    reason: str | None,
    put_back: int | None,
    storage: str | None,
) -> None:
    """List all of a study's trials by number, also confirmations and those that other tools made.

    A trial that was spoiled is set aside with --set-aside: it stays in the list and in the report, and is
    neither ranked nor chosen. That is possible until the test set is opened.
    """
    from search_spaces.counted import counted
    from service.commands import trials
    from service.report.facts.listing import study_of
    from service.report.facts.trial_rows import State, trial_rows
    from service.report.terminal.screen import screen
    from service.report.terminal.trial_rows_text import print_trial_rows

    launch = _launch(storage=storage)
    if reason is not None and set_aside is None:
        raise click.UsageError("--reason says why a trial is set aside: --set-aside N names it")
    if set_aside is not None and put_back is not None:
        raise click.UsageError("--set-aside and --put-back: expected one of them")
    if set_aside is not None:
        click.echo(trials.set_aside(study, launch, set_aside, reason))
        return
    if put_back is not None:
        click.echo(trials.put_back(study, launch, put_back))
        return
    stored = study_of(study, launch)
    found = trial_rows(stored, state=None if state is None else State(state), n=n)
    if output is not None:
        trials.write_trials(stored, found, output)
        click.echo(f"{output} written: {counted(len(found.trials), 'trial')}")
    elif as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        print_trial_rows(found, screen())


@proctor.command()
@click.argument("study")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object.")
@_storage
def importance(study: str, *, as_json: bool, storage: str | None) -> None:
    """Show which hyperparameters decided whether a trial of a study was among the best."""
    from service.report.facts.importance import importances_of
    from service.report.facts.listing import study_of
    from service.report.terminal.screen import screen
    from service.report.terminal.trials_text import print_importances

    stored = study_of(study, _launch(storage=storage))
    found = importances_of(study, stored.trials, stored.metric)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        print_importances(found, screen())


@proctor.command()
@click.argument("study")
@click.option(
    "--write",
    "path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the study that takes the first step that a search can take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print findings, gaps and steps as one JSON object.")
@_storage
def advise(study: str, *, path: Path | None, as_json: bool, storage: str | None) -> None:
    """Say what a study shows and what to try next, with reasons; test figures have no part in it."""
    from service.commands.advise import advise_study
    from service.report.terminal.advice_text import print_advice
    from service.report.terminal.screen import screen
    from service.study.storage.next_command import next_command, shown_storage

    advised = advise_study(study, _launch(storage=storage), path)
    if as_json:
        click.echo(advised.diagnosis.model_dump_json(indent=2))
    else:
        print_advice(advised.diagnosis, advised.study, screen())
    if path is not None:
        command = next_command(shown_storage(_launch(storage=storage)), "run", path_word(path))
        click.echo(f"{path} written ({advised.written}); next: {command}", err=as_json)


@proctor.command()
@click.argument("first", metavar="STUDY")
@click.argument("second", metavar="OTHER")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object.")
@_storage
def compare(first: str, second: str, *, as_json: bool, storage: str | None) -> None:
    """Compare two studies' winners on the dev set, with the noise; test figures have no part in it."""
    from service.report.facts.comparison import compare_studies
    from service.report.facts.listing import study_of
    from service.report.terminal.comparison_text import print_comparison
    from service.report.terminal.screen import screen

    launch = _launch(storage=storage)
    found = compare_studies(study_of(first, launch), study_of(second, launch))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        print_comparison(found, screen())


@proctor.command()
@click.argument("source", metavar="TABLE|STUDY.toml|SPACE", default="default")
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option("--task", metavar="TASK", help="classification or regression.  [default: told by the target]")
@_splitting
@click.option("--space", metavar="NAME", help="A built-in search space; `proctor spaces` lists them.")
@click.option("--seed", type=int, help="Source of all randomness.  [default: 0]")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as one JSON object.")
def check(source: str, *, as_json: bool, **flags: object) -> int:
    """Check a network before trusting a run: gradient, falling cost, learning by heart, init.

    What is checked is the point that a study would try first, on its train set; a SPACE is checked on the
    table of digits. Exits with 1 if something is wrong.
    """
    from service.advice.network_check import check_study, checked_config
    from service.configuration.command_flags import overrides
    from service.report.terminal.check_text import check_json, print_check
    from service.report.terminal.screen import screen

    config = checked_config(source, overrides(flags))
    result = check_study(config)
    if as_json:
        click.echo(check_json(result))
    else:
        print_check(result, screen(), name=config.data.table)
    return 0 if result.is_sound else 1


@proctor.command()
@click.argument("source", metavar="TABLE|STUDY.toml")
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option("--task", metavar="TASK", help="classification or regression.  [default: told by the target]")
@_splitting
@click.option("--seed", type=int, help="Source of all randomness.  [default: 0]")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object.")
def data(source: str, *, as_json: bool, **flags: object) -> None:
    """Tell what is understood of a table before any training: columns, sets, classes, and what to see to.

    Of the test set its size alone is told; its cells are not looked at.
    """
    from service.configuration.command_flags import study_of
    from service.data.checks.data_check import check_data
    from service.report.terminal.data_text import print_data
    from service.report.terminal.screen import screen

    check = check_data(study_of(source, flags)[0])
    if as_json:
        click.echo(check.model_dump_json(indent=2))
    else:
        print_data(check, screen())


@proctor.group(invoke_without_command=True)
@click.pass_context
def spaces(context: click.Context) -> None:
    """List the built-in search spaces."""
    if context.invoked_subcommand is None:
        from service.report.terminal.listing_text import print_spaces
        from service.report.terminal.screen import screen

        print_spaces(screen())


@spaces.command("show")
@click.argument("name")
def show_space(name: str) -> None:
    """Show what a built-in search space searches, and where."""
    from service.report.facts.listing import read_space
    from service.report.terminal.listing_text import print_space
    from service.report.terminal.screen import screen

    print_space(read_space(name), screen())


@proctor.command()
@click.option("--report", is_flag=True, help="The schema of `--json` reports instead.")
def schema(*, report: bool) -> None:
    """Print the JSON schema of study files, for editors."""
    import json

    from service.configuration.study_schema import study_schema
    from service.report.facts.study_report import StudyReport

    click.echo(json.dumps(StudyReport.model_json_schema() if report else study_schema(), indent=2))


@proctor.command()
@click.argument("table", required=False)
@click.option("--target", metavar="COLUMN", help="The column to predict.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("study.toml"), show_default=True
)
def init(table: str | None, *, target: str | None, output: Path) -> None:
    """Write a commented study.toml to begin from."""
    from service.configuration.study_template import study_template
    from service.configuration.study_writing import write_new_file
    from service.tables.table import check_table, check_target

    if table is not None:
        check_table(table)
        check_target(table, target)
    write_new_file(output, study_template(table, target=target))
    click.echo(f"{output} written; edit it, then: {shell_command('run', path_word(output))}")


@proctor.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to serve it on.")
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="A name that browsers call it by, such as a proxy's; repeat it for others.",
)
@click.option("--writable", is_flag=True, help="Let it change and delete studies.  [default: read-only]")
@_storage
def dashboard(
    *, port: int, host: str, allowed_hosts: tuple[str, ...], writable: bool, storage: str | None
) -> None:
    """Serve optuna-dashboard on the storage, read-only and behind a token, until Ctrl-C.

    The address that is printed has the token, which the browser then keeps. PROCTOR_DASHBOARD_TOKEN sets it;
    else it is another each time.
    """
    from service.commands.dashboard import serve_dashboard

    serve_dashboard(
        _launch(storage=storage),
        host=host,
        port=port,
        writable=writable,
        allowed_hosts=allowed_hosts,
        say=click.echo,
    )


@proctor.command()
@_storage
def prepare(storage: str | None) -> None:
    """Make the tables that studies and ledger are kept in, where they are missing."""
    from service.study.storage.database import prepare_storage

    click.echo(f"tables ready in {prepare_storage(_launch(storage=storage))}")


def _launch(**places: object) -> Any:  # noqa: ANN401 (a LaunchConfig, whose import would slow help down)
    from pydantic import ValidationError

    from service.configuration.launch_config import LaunchConfig

    try:
        return LaunchConfig.model_validate({key: value for key, value in places.items() if value is not None})
    except ValidationError:
        from service.configuration.study_file import launch_from_flags  # takes longer, and says what is wrong

        return launch_from_flags({f"launch.{name}": value for name, value in places.items()})


def _showing_of(*, verbose: bool, quiet: bool, as_json: bool) -> Any:  # noqa: ANN401 (a Showing, likewise)
    from service.report.terminal.display import Showing

    if verbose and (quiet or as_json):
        raise click.UsageError(f"--verbose and {'--json' if as_json else '--quiet'}: expected one of them")
    loud = Showing.ALL if verbose else Showing.BRIEF
    return Showing.JSON if as_json else Showing.QUIET if quiet else loud
