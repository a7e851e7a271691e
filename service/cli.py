"""The command line: commands and flags. A command imports what it needs when called, so help is instant.

Exit statuses: 0 done, 1 a fault, 2 bad input, 130 interrupted: by Ctrl-C, SIGTERM, or a terminal that closes.
"""

import atexit
import errno
import gc
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from service.commands.completion import (
    SHELLS,
    complete_file,
    complete_kind,
    complete_metric,
    complete_model,
    complete_pruner,
    complete_sampler,
    complete_space,
    complete_study,
    complete_table,
    complete_task,
    completion_script,
)
from service.commands.mended_command import CommandGroup, mended_command, with_target
from service.errors import BadInputError, ProctorError, TargetError
from service.report.terminal.interruption import INTERRUPTED_STATUS, stopping_signals
from service.shell_command import REASON, path_word, shell_command, typed_command

_NOBODY_READS = frozenset({errno.EPIPE, errno.EIO})
"""How writing fails where a pipe or a terminal has been closed."""

ALLOCATED_BETWEEN_COLLECTIONS = 50_000
"""Objects made until Python looks for garbage. Its own 700 to 2,000 cost a tenth of the time of imports."""


def main() -> NoReturn:
    """Run the command that the process was called with, and exit with its status."""
    gc.set_threshold(ALLOCATED_BETWEEN_COLLECTIONS)
    for number in stopping_signals():
        if number != signal.SIGINT:
            signal.signal(number, _interrupt)
    status = run_command(sys.argv[1:])
    if "ray" in sys.modules or threading.active_count() > 1:
        _leave(status)
    sys.exit(status)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Do as Ctrl-C does; only another SIGTERM interrupts the cleanup, at once."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    raise KeyboardInterrupt


def _leave(status: int) -> NoReturn:
    """End the process without the destructors of libraries.

    Threads of Ray outlive its shutdown, and those that train or fit outlive a search that is stopped. One
    that still runs while the process destroys its C++ objects can end a finished study with a segmentation
    fault: one in forty did on a busy machine.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 (as Python does before it ends by itself)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


def run_command(arguments: list[str]) -> int:
    """Run a command; print an error that is meant for the user as one line.

    Parameters
    ----------
    arguments
        The words after `proctor` on the command line.

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

    question = "Which column is the target (its name or number)"
    return str(click.prompt(question, default=error.meant, value_proc=column_of, err=True))


def _say_no_more() -> None:
    """Discard all further output: nobody reads it any more."""
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
    """Mask possible secrets in a database URL that the user typed in the wrong place and an error repeats.

    In the right place, `service.study.storage.database_url` masks everything not known to be harmless.
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


_source = click.argument("source", metavar="TABLE|STUDY.toml", shell_complete=complete_table)
_study = click.argument("study", shell_complete=complete_study)
_space = click.option(
    "--space",
    metavar="NAME",
    help="Built-in search space; `proctor spaces` lists them.",
    shell_complete=complete_space,
)
_model = click.option(
    "--model",
    metavar="KIND",
    help="Kind of model: network, boosting or linear.  [default: network]",
    shell_complete=complete_kind,
)
_models = click.option(
    "--model",
    metavar="KIND",
    help="Kind of model: network, boosting or linear; several, as in `boosting,linear`, compete in a contest."
    "  [default: network]",
    shell_complete=complete_kind,
)
_own_model = _options(
    click.option(
        "--estimator",
        metavar="FILE.py:NAME",
        help="Function of your own that makes a scikit-learn estimator, in place of --model.",
    ),
    click.option(
        "--learner",
        metavar="FILE.py:NAME",
        help="Class of your own that learns in epochs, in place of --model.",
    ),
)
_storage = click.option(
    "--storage",
    envvar="PROCTOR_STORAGE",
    metavar="URL",
    help="Database that keeps the studies.  [default: sqlite:///proctor.db; env: PROCTOR_STORAGE]",
)
_launching = _options(
    _storage,
    click.option(
        "--storage-patience",
        type=float,
        metavar="SECONDS",
        help="How long to wait for a database that does not answer.  [default: 600]",
    ),
    click.option(
        "--workers",
        type=int,
        help="Number of workers; 0 trains in this process, without Ray.  [default: number of cores]",
    ),
    click.option(
        "--address",
        envvar="PROCTOR_ADDRESS",
        metavar="HOST:PORT",
        help="Use a running Ray cluster; `auto` finds it from one of its nodes.  [env: PROCTOR_ADDRESS]",
    ),
    click.option(
        "--wait-for-workers",
        type=float,
        metavar="SECONDS",
        help="How long to wait for a worker to join a cluster that has none.  [default: 120]",
    ),
)
_sheet = click.option(
    "--sheet", metavar="NAME", help="Sheet to read from an Excel workbook.  [default: the first]"
)
_splitting = _options(
    _sheet,
    click.option(
        "--dev-table",
        metavar="FILE",
        help="File with the dev set.  [default: split from TABLE]",
        shell_complete=complete_file,
    ),
    click.option(
        "--test-table",
        metavar="FILE",
        help="File with the test set.  [default: split from TABLE]",
        shell_complete=complete_file,
    ),
    click.option("--no-test", is_flag=True, help="Use no test set; the report then has a dev figure only."),
    click.option(
        "--folds", type=int, help="Number of folds for cross-validation.  [default: a single dev set]"
    ),
    click.option(
        "--refit", is_flag=True, help="With --folds: ship one model trained on all folds, not their average."
    ),
    click.option(
        "--equal-rows",
        type=click.Choice(["auto", "together", "apart"]),
        help="Keep rows with the same features in one set, or let them be split.  [default: auto]",
    ),
    click.option(
        "--train-dev",
        type=click.Choice(["auto", "always", "never"]),
        help="With --dev-table: set train rows aside to tell mismatch from variance.  [default: auto]",
    ),
)
_detaching = click.option("--detach", is_flag=True, help="Run in the background; output goes to STUDY.log.")
_page = click.option("--no-report", is_flag=True, help="Do not write STUDY-report.html at the end.")
_verbose = click.option(
    "--verbose", is_flag=True, help="Show each trial's hyperparameters, and the whole report."
)
_showing = _options(
    click.option("--quiet", is_flag=True, help="Print only the report."),
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
    """Search hyperparameters honestly, with a test set that stays sealed until the winner is chosen.

    Trials compete on the dev set. Only the winner is evaluated on the test set.

    Start with `proctor run digits` or `proctor run table.csv --target COLUMN`.
    """
    if context.invoked_subcommand is None:
        click.echo(FIRST_STEPS)


FIRST_STEPS = """\
Proctor tunes small neural networks, boosted trees or linear models on your own table, and reports one figure
that can be believed.

  proctor run digits                            a first study, of a built-in table of handwritten digits
  proctor data table.csv --target COLUMN        what it understands of your table, before any training
  proctor run table.csv --target COLUMN         a study of your own table

proctor --help lists all commands, and proctor run --help all options of a run."""
"""What is shown to whoever types `proctor` alone."""


@proctor.command()
@_source
@click.option("--target", metavar="COLUMN", help="Column to predict.")
@click.option(
    "--task",
    metavar="TASK",
    help="classification or regression.  [default: inferred from the target]",
    shell_complete=complete_task,
)
@_splitting
@_models
@_own_model
@_space
@click.option("--trials", type=int, help="Number of trials in the search.  [default: 50]")
@click.option("--seed", type=int, help="Seed of everything that is random.  [default: 0]")
@click.option("--search-seed", type=int, help="Seed of the search alone; the split stays.  [default: --seed]")
@click.option(
    "--concurrency",
    type=int,
    help="Most trials in progress at once; affects results.  [default: --trials / 16, from 4 to 32]",
)
@click.option(
    "--max-epochs",
    type=int,
    help="Most epochs of a trial; of boosting, iterations.  [default: 60; boosting 500; linear 1]",
)
@click.option(
    "--patience",
    type=int,
    help="Stop a trial after this many epochs without improvement.  [default: 10; boosting 30; linear 1]",
)
@click.option(
    "--sampler",
    metavar="NAME",
    help="Sampler: tpe, random, qmc, gp, cma-es or grid.  [default: tpe]",
    shell_complete=complete_sampler,
)
@click.option(
    "--pruner",
    metavar="NAME",
    shell_complete=complete_pruner,
    help="Pruner: successive-halving, hyperband, median, threshold or none.  [default: successive-halving]",
)
@click.option(
    "--metric",
    metavar="NAME",
    help="Metric to choose trials by.  [default: inferred from the target]",
    shell_complete=complete_metric,
)
@click.option(
    "--watch",
    metavar="NAME",
    help="Metric for early stopping and pruning.  [default: --metric]",
    shell_complete=complete_metric,
)
@click.option("--bayes-error", type=float, help="Best error that anyone could reach.  [default: estimated]")
@click.option("--epochs", type=int, help="Start no more trials after this many epochs, over all trials.")
@click.option(
    "--seconds",
    type=float,
    help="Start no more trials after so many seconds of running; not reproducible.",
)
@click.option(
    "--dev-metric", type=float, metavar="VALUE", help="End the search once a trial reaches this dev figure."
)
@click.option("--no-gain", type=int, metavar="N", help="End the search after N trials without a new best.")
@click.option(
    "--confirm", type=int, metavar="N", help="Train the N best trials again with other seeds.  [default: 5]"
)
@click.option(
    "--confirm-seeds", type=int, metavar="N", help="Number of other seeds for each of them.  [default: 2]"
)
@click.option("--ensemble", is_flag=True, help="Ship a weighted average of the best models.")
@click.option("--no-baselines", is_flag=True, help="Compare only with the majority class (or the mean).")
@click.option(
    "--no-row-cells", is_flag=True, help="Leave the cells of the worst dev rows out of every report."
)
@click.option("--trial-seconds", type=float, help="End a trial that runs longer than this.")
@click.option("--trial-memory", type=int, metavar="MB", help="End a trial that needs more memory than this.")
@click.option(
    "--rounds",
    type=int,
    metavar="N",
    help="Run up to N studies in a row, each on the advice of the last.  [default: 1]",
)
@click.option(
    "--warm-start",
    metavar="STUDY",
    help="Start with the best points of an earlier study.",
    shell_complete=complete_study,
)
@click.option("--name", help="Name of the study.  [default: the table's name]")
@click.option(
    "--keep-sealed", is_flag=True, help="Leave the test set sealed; `proctor unseal` opens it later."
)
@click.option(
    "--look-again",
    metavar="REASON",
    help="Open the test set even if another study has opened it. Every look is counted.",
)
@click.option(
    "--resume",
    "goes_on",
    is_flag=True,
    help="Continue the study if it has begun, so that this can be repeated.",
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
    goes_on: bool,
    detach: bool,
    no_report: bool,
    verbose: bool,
    quiet: bool,
    as_json: bool,
    **flags: object,
) -> int:
    """Run a study, from a table to one test figure.

    TABLE is a built-in table (digits, breast_cancer, wine, iris, diabetes) or a file: CSV, JSON lines, JSON,
    Excel, Parquet, Feather or NumPy. A STUDY.toml can set everything that the flags set, and flags override
    it (`proctor init` writes one).
    """
    from service.configuration.command_flags import check_look_again, command_of_run, study_of

    config, launch = study_of(source, flags)
    check_look_again(config, keep_sealed=keep_sealed, look_again=look_again)
    showing = _showing_of(verbose=verbose, quiet=quiet, as_json=as_json)
    if detach:
        return _detached(config.name, launch, as_json=as_json)

    from service.commands.beginning import checked_data, print_first_line

    if goes_on:
        from service.commands.run import is_begun, resume_study
        from service.report.terminal.display import opened_display

        if is_begun(config, launch, keep_sealed=keep_sealed, look_again=look_again):
            return resume_study(
                config.name,
                launch,
                limits={},
                retry_failed=False,
                look_again=None,
                display=opened_display(config.name, showing),
                with_page=not no_report,
            )

    prepared = checked_data(config)
    has_begun = not showing.is_silent and print_first_line(config, launch, prepared)

    from service.commands.run import run_study  # with it comes most of what takes long to import
    from service.report.terminal.display import opened_display

    return run_study(
        config,
        launch,
        prepared,
        command=command_of_run(source, flags, seed=config.seed),
        keep_sealed=keep_sealed,
        look_again=look_again,
        display=opened_display(config.name, showing, has_begun=has_begun),
        with_page=not no_report,
    )


def _detached(name: str, launch: Any, *, as_json: bool) -> int:  # noqa: ANN401 (a LaunchConfig, whose import is slow)
    """Run the command again in a session of its own."""
    from service.commands.detaching import run_detached

    if as_json:
        show = _next(launch, "show", name, "--json")
        raise BadInputError(
            "--json prints the report, which a detached study does not have yet: expected --json or --detach,"
            f" got both; `{show}` prints the report at the end"
        )
    arguments = click.get_current_context().find_root().obj
    return run_detached(name, arguments, launch, say=click.echo)


def _next(launch: Any, command: str, study: str, *flags: str) -> str:  # noqa: ANN401 (likewise)
    """Return a command on a study for a shell, with the database where it needs that."""
    from service.study.storage.database_url import next_command, shown_storage

    return next_command(shown_storage(launch), command, study, flags=flags)


@proctor.command()
@click.argument("study_file", metavar="STUDY.toml", shell_complete=complete_file)
@click.option(
    "--address",
    envvar="RAY_API_SERVER_ADDRESS",
    required=True,
    metavar="URL",
    help="Dashboard of the cluster's head, such as http://HOST:8265.  [env: RAY_API_SERVER_ADDRESS]",
)
@_storage
@click.option("--workers", type=int, help="Number of workers.  [default: all CPUs of the cluster]")
@click.option("--name", help="Name of the study.  [default: as in STUDY.toml, or the table's name]")
@click.option("--keep-sealed", is_flag=True, help="As for `proctor run`.")
@click.option("--look-again", metavar="REASON", help="As for `proctor run`.")
@click.option(
    "--no-upload",
    is_flag=True,
    help="Send no tables: the paths in STUDY.toml are those of the cluster's head.",
)
@click.option("--follow", is_flag=True, help="Show the job's log until it ends; Ctrl-C does not end the job.")
def submit(  # noqa: PLR0913 (a flag each)
    study_file: str,
    *,
    address: str,
    keep_sealed: bool,
    look_again: str | None,
    no_upload: bool,
    follow: bool,
    **flags: object,
) -> int:
    """Run a study as a job of a Ray cluster, which this machine need not stay connected to.

    STUDY.toml and its tables are sent to the cluster's head, which runs `proctor run --resume`: submitting a
    study again continues it. Its storage must be a database on a server, which the cluster reaches.
    """
    from service.commands.submission import submit_study
    from service.configuration.command_flags import check_look_again, study_of

    if not study_file.endswith(".toml"):
        raise BadInputError(
            f"expected a study file, STUDY.toml, got {study_file!r}; `proctor init` writes one"
        )
    config, launch = study_of(study_file, {**flags, "address": "auto"})
    check_look_again(config, keep_sealed=keep_sealed, look_again=look_again)
    words = (["--keep-sealed"] if keep_sealed else []) + (["--look-again", look_again] if look_again else [])
    return submit_study(
        Path(study_file).name,
        config,
        launch,
        address=address,
        flags=words,
        with_tables=not no_upload,
        is_followed=follow,
        say=click.echo,
    )


@proctor.command()
@_study
@click.option("--trials", type=int, help="New total of trials, above the old one; the search continues.")
@click.option("--epochs", type=int, help="New limit on the epochs of all trials.")
@click.option("--seconds", type=float, help="New limit on the seconds of its runs; not reproducible.")
@click.option("--dev-metric", type=float, metavar="VALUE", help="Better dev figure at which the search ends.")
@click.option(
    "--no-gain",
    type=int,
    metavar="N",
    help="End the search after N trials without a new best; N is above the old one.",
)
@click.option(
    "--retry-failed", is_flag=True, help="Retry trials that lost their worker, or ran out of memory or time."
)
@click.option(
    "--look-again",
    metavar="REASON",
    help="Open the test set for a new winner even if it was opened before. Every look is counted.",
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
    """Continue a study that was stopped or killed.

    The result is the same as without the interruption. With a higher limit, such as --trials 100, a study
    that has ended continues too, to the same result as with that limit from the start. With --retry-failed,
    further trials try the points of those that lost their worker, or ran out of memory or time.
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
                "--look-again: expected a new limit with it, such as --trials, got none; after the"
                f" end of a study: {_next(_launch(**places), 'unseal', study, '--look-again', REASON)}"
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
@_study
@_storage
def watch(study: str, *, storage: str | None) -> int:
    """Watch a study that runs elsewhere, until it ends.

    The study may run in another terminal or on another machine. You see the panel of `proctor run`, or its
    lines in a pipe. Everything is read from the database, and nothing is written to it. Ctrl-C ends the
    watching, not the study.
    """
    from service.commands.watch import watch_study

    return watch_study(study, _launch(storage=storage))


@proctor.command()
@_study
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until it has stopped.",
)
@_storage
def stop(study: str, *, wait_seconds: float, storage: str | None) -> int:
    """Stop a running study cleanly, as Ctrl-C does.

    This works from any terminal or machine that reaches the database. Running trials have three seconds to
    end. Everything that has ended is kept, and `proctor resume` continues the study. Exits with 0 once nobody
    runs the study, with 1 if that is not certain.
    """
    from service.commands.stop import stop_study

    return stop_study(study, _launch(storage=storage), wait_seconds=wait_seconds, say=click.echo)


@proctor.command()
@_study
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    required=True,
    help="A hyperparameter and its value; repeat for others. The rest keep their defaults.",
)
@_storage
def enqueue(study: str, *, settings: tuple[str, ...], storage: str | None) -> None:
    """Queue a point of your own as a study's next trial.

    The study may be running or stopped. A running study takes the point up within seconds. It counts as one
    of the study's trials.
    """
    from search_spaces.counted import counted
    from service.commands.enqueue import enqueue_point
    from service.report.wording.numbers import values_text

    found = enqueue_point(study, _launch(storage=storage), _settings(settings))
    after = f", after {counted(found.n_before, 'other')}" if found.n_before else ""
    click.echo(f"enqueued in study {study}{after}: {values_text(found.values)}")
    if found.tried:
        trials = ", ".join(map(str, found.tried))
        click.echo(f"the study has already tried this point with another seed: trial {trials}")
    click.echo(found.following)


def _settings(settings: tuple[str, ...]) -> dict[str, int | float | str]:
    """Read NAME=VALUE pairs: numbers as numbers, everything else as text."""
    import json

    given: dict[str, int | float | str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not (name and equals and text):
            raise BadInputError(f"--set: expected NAME=VALUE, got {setting!r}")
        if name in given:
            raise BadInputError(f"--set: expected one value for {name}, got {given[name]} and {text}")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        given[name] = value if is_number else text
    return given


@proctor.command()
@_study
@click.option(
    "--look-again",
    metavar="REASON",
    help="Why to open it again, if this study or another has opened it. Every look is counted.",
)
@_page
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@_storage
def unseal(
    study: str, *, look_again: str | None, no_report: bool, as_json: bool, storage: str | None
) -> None:
    """Open the sealed test set of a study that has ended. This cannot be undone."""
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
    except ProctorError as error:  # the test set is open now: failing to write the page does not change that
        click.echo(f"proctor: warning: {error}", err=True)
    else:
        click.echo(f"proctor: {page_text(path)}" if as_json else page_text(path), err=as_json)


@proctor.command("report")
@_study
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Page (.html), Markdown (.md) or JSON (.json) to write.  [default: STUDY-report.html]",
)
@_storage
def write_report(study: str, *, output: Path | None, storage: str | None) -> None:
    """Write a study's whole report to a file.

    The page opens anywhere, without a network. It has test figures only after the test set was opened. An
    existing file is overwritten.
    """
    from service.commands.report_writing import write_page

    click.echo(f"{write_page(study, _launch(storage=storage), output)} written")


@proctor.command()
@_study
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    help="Directory to create for the model.",
)
@click.option("--force", is_flag=True, help="Replace a model that is already there.")
@click.option("--onnx", is_flag=True, help="Also write model.onnx, from raw columns to predictions.")
@_storage
def export(study: str, *, output: Path, force: bool, onnx: bool, storage: str | None) -> None:
    """Write a study's winner to a directory, as a model.

    `proctor predict` and Python read it. The study must have ended. Its winner is trained again to get the
    weights; the sealed test set is not touched.
    """
    from service.commands.export import export_study
    from service.report.facts.lookups import report_and_study
    from service.report.terminal.figures_text import note_on_dev_figure

    winner = export_study(study, _launch(storage=storage), output, replace=force, with_onnx=onnx)
    if not winner.is_reproduced:
        click.echo(
            "proctor: retraining the winner gave other figures than it won with: this machine has another"
            " kind of processor or another NumPy",
            err=True,
        )
    command = shell_command("predict", path_word(output), "new.csv", flags=["-o", "predictions.csv"])
    click.echo(f"{output} written: trial {winner.trial} of study {winner.study}; predict with: {command}")
    if note := note_on_dev_figure(report_and_study(winner.study, _launch(storage=storage))[0]):
        click.echo(note)


@proctor.command()
@click.argument(
    "model", metavar="MODEL|STUDY", type=click.Path(path_type=Path), shell_complete=complete_model
)
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    help="Where to write predictions.  [default: -, standard output]",
    shell_complete=complete_file,
)
@click.option("--proba", is_flag=True, help="Add a column TARGET=CLASS with the probability of each class.")
@click.option(
    "--keep",
    metavar="COLUMN",
    multiple=True,
    help="Column of NEW to copy before the prediction, such as an id; repeat for others.",
)
@click.option(
    "--missing-columns",
    type=click.Choice(["refuse", "allow"]),
    default="refuse",
    show_default=True,
    help="If NEW lacks columns: fail, or read them as missing cells (`allow`).",
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
    """Predict a file's rows with a model or a study's winner.

    NEW is a file in any format that tables have, or - for standard input. Its columns can be in any order,
    and extra columns are ignored. Each row gives one prediction, in the same order. MODEL is a directory that
    `proctor export` wrote. A STUDY's winner is trained again each time, so export it if you predict often.
    """
    from service.tables.input_files import as_file
    from service.tables.new_examples import open_examples
    from service.winner.models.model import is_model, read_model
    from service.winner.models.prediction_file import notes_on, write_predictions

    if is_model(model):  # which needs no storage, whose import is slow
        winner = read_model(model)
    else:
        from service.commands.predict import model_or_winner

        winner = model_or_winner(model, _launch(storage=storage))
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


@proctor.command("learning-curve")
@_study
@click.option(
    "--seeds",
    type=click.IntRange(2),
    default=3,
    show_default=True,
    help="Trainings per part of the train set, each on other examples.",
)
@_launching
@_showing
def learning_curve(study: str, *, seeds: int, quiet: bool, as_json: bool, **places: object) -> int:
    """Measure what more data would bring.

    The winner is trained on an eighth, a quarter, a half and all of the train set, and evaluated on the dev
    set. A power law then forecasts the figure with twice and ten times the examples, and from how many
    examples on the dev set could show no further gain. The sealed test set is not touched.
    """
    from service.commands.learning_curve import measure_learning_curve

    showing = _showing_of(verbose=False, quiet=quiet, as_json=as_json)
    return measure_learning_curve(study, _launch(**places), n_seeds=seeds, showing=showing)


@proctor.command()
@_study
@click.argument("new_name", metavar="NEW")
@_storage
def rename(study: str, *, new_name: str, storage: str | None) -> None:
    """Give a study another name. Its rounds, its contest and its openings in the ledger follow."""
    from service.commands.study_keeping import rename_study

    new_name = rename_study(study, new_name, _launch(storage=storage))
    click.echo(f"study {study} is now study {new_name}")


@proctor.command()
@_study
@click.argument("new_name", metavar="NEW")
@_storage
def copy(study: str, *, new_name: str, storage: str | None) -> None:
    """Copy a study and its rounds, or its contest. The copy is independent of the original."""
    from service.commands.study_keeping import copy_study

    new_name = copy_study(study, new_name, _launch(storage=storage))
    click.echo(f"study {study} copied to study {new_name}")


@proctor.command()
@_study
@click.option("--undo", is_flag=True, help="Show it in `proctor list` again.")
@_storage
def archive(study: str, *, undo: bool, storage: str | None) -> None:
    """Hide a study from `proctor list`. Everything else works as before. A running study is refused."""
    from service.commands.study_keeping import archive_study
    from service.study.storage.database_url import next_command, shown_storage

    launch = _launch(storage=storage)
    archive_study(study, launch, is_archived=not undo)
    listing = next_command(shown_storage(launch), "list", flags=["--archived"])
    click.echo(f"study {study} is {'listed again' if undo else f'archived: `{listing}` shows it'}")


@proctor.command()
@_study
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@_storage
def delete(study: str, *, yes: bool, storage: str | None) -> None:
    """Delete a study and its rounds. This cannot be undone; the ledger keeps the openings."""
    from service.commands.study_keeping import delete_study, to_be_deleted

    launch = _launch(storage=storage)
    names, n_openings = to_be_deleted(study, launch)
    stay = f"; its openings of the test set stay in the ledger ({n_openings})" if n_openings else ""
    what = f"{'studies' if len(names) > 1 else 'study'} {', '.join(names)}"
    if not yes:
        if not sys.stdin.isatty():
            raise BadInputError(
                f"{what} would be deleted{stay}: confirm with --yes where there is no terminal"
            )
        click.confirm(f"Delete {what}{stay}?", abort=True)
    delete_study(study, launch)
    click.echo(f"{what} deleted{stay}")


@proctor.command("list")
@click.argument("name", required=False, metavar="[NAME]", shell_complete=complete_study)
@click.option(
    "--table",
    metavar="FILE",
    help="Only studies of this table, with or without its directory.",
    shell_complete=complete_table,
)
@click.option(
    "--state", type=click.Choice(["running", "stopped", "ended"]), help="Only studies in this state."
)
@click.option("--opened", is_flag=True, help="Only studies whose test set is opened.")
@click.option("--sealed", is_flag=True, help="Only studies whose test set is still sealed.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    metavar="DATE",
    help="Only studies with a trial started or ended since then (local time).",
)
@click.option(
    "-n", "newest", type=click.IntRange(1), metavar="N", help="Only the N studies that were active last."
)
@click.option("--archived", is_flag=True, help="Include archived studies.")
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON object.")
@_storage
def list_studies(  # noqa: PLR0913 (a flag each)
    name: str | None,
    *,
    table: str | None,
    state: str | None,
    opened: bool,
    sealed: bool,
    since: Any,  # noqa: ANN401 (a datetime)
    newest: int | None,
    archived: bool,
    as_json: bool,
    storage: str | None,
) -> None:
    """List the studies in a database. NAME can be a pattern, such as 'iris*'.

    Rounds count as one study. Archived studies are left out, unless they are running.
    """
    from service.report.facts.study_summaries import StudyState, Wanted, studies_json, summaries_in
    from service.report.terminal.screen import screen
    from service.report.terminal.studies_table import none_like_that, print_studies
    from service.study.storage.database_url import next_command, shown_storage

    if opened and sealed:
        raise click.UsageError("--opened and --sealed: expected one of them")

    wanted = Wanted(
        name=name,
        table=table,
        state=None if state is None else StudyState(state),
        opened=True if opened else False if sealed else None,
        since=None if since is None else since.astimezone(),
        newest=newest,
        archived=archived,
    )
    launch = _launch(storage=storage)
    found = summaries_in(launch)
    studies = wanted.of(found.readable)
    if as_json:
        click.echo(studies_json(studies, found.refusals))
    elif found.readable and not studies:
        click.echo(none_like_that(wanted, found.readable, next_command(shown_storage(launch), "list")))
    else:
        print_studies(studies, screen(), refusals=found.refusals)


@proctor.command()
@_study
@click.option("--trial", type=int, metavar="NUMBER", help="Show one trial and its learning curve.")
@click.option("--json", "as_json", is_flag=True, help="Print the report, or the trial, as one JSON object.")
@_storage
def show(study: str, *, trial: int | None, as_json: bool, storage: str | None) -> None:
    """Show a study's report and best trials, or one trial. Test figures appear only after the opening."""
    from service.report.facts.lookups import report_and_study, study_and_trial, trial_json
    from service.report.facts.trials import best_trials
    from service.report.terminal.display import show_report
    from service.report.terminal.screen import screen
    from service.report.terminal.showing import Showing
    from service.report.terminal.trials_text import print_best_trials, print_trial

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
@_study
@click.option(
    "-n", "n", type=click.IntRange(1), default=5, show_default=True, help="Number of trials to show."
)
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON object.")
@_storage
def best(study: str, *, n: int, as_json: bool, storage: str | None) -> None:
    """Show a study's best trials and their hyperparameters.

    They are in the order in which a winner is chosen: trials that were confirmed with other seeds come first,
    by their mean.
    """
    from service.report.facts.lookups import study_of
    from service.report.facts.trials import best_trials
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
@_study
@click.option("-n", "n", type=click.IntRange(1), help="List only the N newest trials.  [default: all]")
@click.option(
    "--state",
    type=click.Choice(["waiting", "running", "complete", "pruned", "fail"]),
    help="List only trials in this state.",
)
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON object.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write them to a .csv, .parquet or .json file, one row per trial.",
)
@click.option(
    "--set-aside", type=int, metavar="N", help="Keep trial N from being ranked or chosen (see --reason)."
)
@click.option("--reason", metavar="TEXT", help="With --set-aside: why, for the report.")
@click.option("--put-back", type=int, metavar="N", help="Undo --set-aside N.")
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
    """List all trials of a study, by number.

    The list includes confirmations and trials that other tools made. Use --set-aside for a trial that was
    spoiled: it stays in the list and in the report, but is neither ranked nor chosen. That is possible until
    the test set is opened.
    """
    from search_spaces.counted import counted
    from service.commands import trials
    from service.report.facts.lookups import study_with_states
    from service.report.facts.trials import State, trial_rows
    from service.report.terminal.screen import screen
    from service.report.terminal.trials_text import print_trial_rows

    launch = _launch(storage=storage)
    if reason is not None and set_aside is None:
        raise click.UsageError("--reason: expected --set-aside N with it, got no trial to set aside")
    if set_aside is not None and put_back is not None:
        raise click.UsageError("expected --set-aside or --put-back, got both")
    if set_aside is not None:
        click.echo(trials.set_aside(study, launch, set_aside, reason))
        return
    if put_back is not None:
        click.echo(trials.put_back(study, launch, put_back))
        return
    stored = study_with_states(study, launch)
    found = trial_rows(stored, state=None if state is None else State(state), n=n)
    if output is not None:
        trials.write_trials(stored, found, output)
        click.echo(f"{output} written: {counted(len(found.trials), 'trial')}")
    elif as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        print_trial_rows(found, screen())


@proctor.command()
@_study
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object.")
@_storage
def importance(study: str, *, as_json: bool, storage: str | None) -> None:
    """Show which hyperparameters set the best trials apart."""
    from service.report.facts.importance import importances_of
    from service.report.facts.lookups import study_of
    from service.report.terminal.screen import screen
    from service.report.terminal.trials_text import print_importances

    stored = study_of(study, _launch(storage=storage))
    found = importances_of(study, stored.trials, stored.metric)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        print_importances(found, screen())


@proctor.command()
@_study
@click.option(
    "--write",
    "path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a study file that takes the first step that a search can take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print findings, gaps and steps as one JSON object.")
@_storage
def advise(study: str, *, path: Path | None, as_json: bool, storage: str | None) -> None:
    """Explain what a study shows and what to try next. Test figures are not used."""
    from service.commands.advise import advise_study
    from service.report.terminal.advice_text import print_advice
    from service.report.terminal.screen import screen
    from service.study.storage.database_url import next_command, shown_storage

    advised = advise_study(study, _launch(storage=storage), path)
    if as_json:
        click.echo(advised.diagnosis.model_dump_json(indent=2))
    else:
        print_advice(advised.diagnosis, advised.study, screen())
    if advised.writing is not None and not as_json:
        click.echo(f"`{advised.writing}` writes a study that takes the first step that a search can take")
    if path is not None:
        command = next_command(shown_storage(_launch(storage=storage)), "run", path_word(path))
        click.echo(f"{path} written ({advised.written}); next: {command}", err=as_json)


@proctor.command()
@click.argument("first", metavar="STUDY", shell_complete=complete_study)
@click.argument("second", metavar="OTHER", shell_complete=complete_study)
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object.")
@_storage
def compare(first: str, second: str, *, as_json: bool, storage: str | None) -> None:
    """Compare two studies' winners on the dev set.

    The noise of both is taken into account. Test figures are not used.
    """
    from service.report.facts.comparison import compare_studies
    from service.report.facts.lookups import study_of
    from service.report.terminal.comparison_text import print_comparison
    from service.report.terminal.screen import screen

    launch = _launch(storage=storage)
    found = compare_studies(study_of(first, launch), study_of(second, launch))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
    else:
        print_comparison(found, screen())


@proctor.command()
@click.argument("source", metavar="TABLE|STUDY.toml|SPACE", default="default", shell_complete=complete_table)
@click.option("--target", metavar="COLUMN", help="Column to predict.")
@click.option(
    "--task",
    metavar="TASK",
    help="classification or regression.  [default: inferred from the target]",
    shell_complete=complete_task,
)
@_splitting
@_model
@_space
@click.option("--seed", type=int, help="Seed of everything that is random.  [default: 0]")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as one JSON object.")
def check(source: str, *, as_json: bool, **flags: object) -> int:
    """Check a network before trusting a run.

    It checks the gradient, that the cost falls, that the network can memorize a few examples, and the init.
    It does so at the first point that a study would try, on the study's train set; a SPACE is checked on the
    digits table. Exits with 1 if something is wrong.
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
@_source
@click.option("--target", metavar="COLUMN", help="Column to predict.")
@click.option(
    "--task",
    metavar="TASK",
    help="classification or regression.  [default: inferred from the target]",
    shell_complete=complete_task,
)
@_splitting
@click.option("--seed", type=int, help="Seed of everything that is random.  [default: 0]")
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON object.")
def data(source: str, *, as_json: bool, **flags: object) -> None:
    """Show how a table is read, before any training.

    It shows columns, sets, classes, and warnings about what deserves a look. It reports only the test set's
    size, and does not look at its cells.
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
        from service.report.terminal.screen import screen
        from service.report.terminal.trials_text import print_spaces

        print_spaces(screen())


@spaces.command("show")
@click.argument("name", shell_complete=complete_space)
@_model
def show_space(name: str, model: str | None) -> None:
    """Show what a built-in search space searches, and in which ranges."""
    from service.report.facts.lookups import read_space
    from service.report.terminal.screen import screen
    from service.report.terminal.trials_text import print_space

    print_space(read_space(name, model), screen())


@proctor.command()
@click.option("--report", is_flag=True, help="Print the schema of `--json` reports instead.")
def schema(*, report: bool) -> None:
    """Print the JSON schema of study files, for editors."""
    import json

    from service.configuration.study_writing import study_schema
    from service.report.facts.study_report import StudyReport

    click.echo(json.dumps(StudyReport.model_json_schema() if report else study_schema(), indent=2))


@proctor.command()
@click.argument("table", required=False, shell_complete=complete_file)
@click.option("--target", metavar="COLUMN", help="Column to predict.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    default=Path("study.toml"),
    show_default=True,
    help="Study file to write.",
)
def init(table: str | None, *, target: str | None, output: Path) -> None:
    """Write a commented study.toml to start from."""
    from service.configuration.study_writing import study_template, write_new_file
    from service.tables.table import check_table, check_target

    if table is not None:
        check_table(table)
        check_target(table, target)
    write_new_file(output, study_template(table, target=target))
    click.echo(f"{output} written; edit it, then: {shell_command('run', path_word(output))}")


@proctor.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port to serve it on."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve it on.")
@click.option(
    "--allow-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Host name that browsers may use for it, such as a proxy's; repeat for others.",
)
@click.option("--writable", is_flag=True, help="Allow it to change and delete studies.  [default: read-only]")
@_storage
def dashboard(
    *, port: int, host: str, allowed_hosts: tuple[str, ...], writable: bool, storage: str | None
) -> None:
    """Serve optuna-dashboard, read-only and behind a token.

    It shows the studies of the storage until Ctrl-C. The printed address contains the token, and the browser
    keeps it. PROCTOR_DASHBOARD_TOKEN sets the token; otherwise it is a new one each time.
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
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands, flags and studies in a shell.

    In ~/.bashrc: eval "$(proctor completion bash)". In ~/.zshrc: eval "$(proctor completion zsh)". For fish:
    proctor completion fish > ~/.config/fish/completions/proctor.fish.
    """
    click.echo(completion_script(shell, proctor), nl=False)


@proctor.command()
@_storage
def prepare(storage: str | None) -> None:
    """Create the database tables, where they are missing."""
    from service.study.storage.database import prepare_storage

    click.echo(f"tables ready in {prepare_storage(_launch(storage=storage))}")


def _launch(**places: object) -> Any:  # noqa: ANN401 (a LaunchConfig, whose import would slow help down)
    from pydantic import ValidationError

    from service.configuration.launch_config import LaunchConfig

    try:
        return LaunchConfig.model_validate({key: value for key, value in places.items() if value is not None})
    except ValidationError:
        from service.configuration.study_file import launch_from_flags  # slower, but explains errors

        return launch_from_flags({f"launch.{name}": value for name, value in places.items()})


def _showing_of(*, verbose: bool, quiet: bool, as_json: bool) -> Any:  # noqa: ANN401 (a Showing, likewise)
    from service.report.terminal.showing import Showing

    if verbose and (quiet or as_json):
        raise click.UsageError(f"--verbose and {'--json' if as_json else '--quiet'}: expected one of them")
    loud = Showing.ALL if verbose else Showing.BRIEF
    return Showing.JSON if as_json else Showing.QUIET if quiet else loud
