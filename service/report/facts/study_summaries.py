"""Studies in a line each, as `proctor list` shows and filters them.

Their figures are those of the studies' reports; nothing that a report is made with is imported.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from math import inf
from pathlib import PurePath
from statistics import fmean
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from service.configuration.launch_config import LaunchConfig
from service.report.facts.optimism import Optimism, estimate_optimism
from service.study.storage.database_failures import told_as_storage_errors
from service.study.storage.database_url import parse_url, storage_url
from service.study.storage.storage_errors import OthersStudyError, StorageError
from service.study.storage.study_format import (
    ARCHIVED,
    EXTENSIONS,
    FINALISTS,
    ROUND,
    ROUNDS_ENDING,
    WINNER,
    check_format,
    kinds_in,
)
from service.study.storage.study_overviews import (
    COMPLETE,
    FAILED,
    PRUNED,
    RUNNING,
    RankedTrial,
    StudyOverview,
    engine_for_reading,
    read_extremes,
    read_overviews,
    study_attribute,
)
from workers.metrics.metric import Metric


class StudyState(StrEnum):
    """Whether a study goes on."""

    RUNNING = "running"
    STOPPED = "stopped"
    ENDED = "ended"


class StudySummary(BaseModel):
    """One study in a line."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    study: str
    table: str
    state: StudyState
    """`running` while a coordinator holds it, else `stopped` where something is left to run, else `ended`."""

    budget: int
    """Trials that the study is to have."""

    complete: int
    pruned: int
    failed: int
    metric: Metric
    dev_metric: float | None
    """The winner's, with its own seed; None while no trial is complete."""

    has_test_set: bool
    looks: int
    """How often this study opened its test set."""

    went_on_after_look: bool
    """Whether its search went on after a look."""

    is_archived: bool
    """Whether it was put away; one that runs is listed all the same."""

    rounds: tuple[str, ...]
    """Names of its rounds, its own the first one, which are one study here: trials and looks are those of all
    of them. None where a study has no rounds."""

    best_round: str | None
    """The round whose winner is the best: the dev figure is that one's. None where a study has no rounds."""

    contest: tuple[str, ...] = ()
    """Kinds of model of a contest, whose studies are the rounds; none where a study is no contest."""

    last_active: datetime | None
    """When a trial last began or ended, UTC; None where there is none."""

    optimism: Optimism | None
    """By how much the dev figure flatters, where it is all there is."""

    @property
    def n_ended(self) -> int:
        """Trials that have ended."""
        return self.complete + self.pruned + self.failed


class Summaries(NamedTuple):
    """A database's studies, and why some of Proctor's cannot be read."""

    readable: list[StudySummary]
    refusals: list[str]


class Wanted(NamedTuple):
    """Which studies to list; None lists all.

    Attributes
    ----------
    name
        A pattern of names, such as `iris*`.
    table
        A table's file, with or without its directory.
    state
        Whether they go on.
    opened
        Whether the test set was opened; with False, those that have one that was not.
    since
        When they were active at the earliest.
    newest
        How many of those that were active last.
    archived
        Whether those that were archived are among them.
    """

    name: str | None = None
    table: str | None = None
    state: StudyState | None = None
    opened: bool | None = None
    since: datetime | None = None
    newest: int | None = None
    archived: bool = False

    def of(self, summaries: Sequence[StudySummary]) -> list[StudySummary]:
        """Return those that are wanted, in their order."""
        found = [each for each in summaries if self._has(each)]
        if self.newest is None:
            return found
        last = sorted(found, key=lambda each: each.last_active or datetime.min.replace(tzinfo=UTC))
        names = {each.study for each in last[-self.newest :]}
        return [each for each in found if each.study in names]

    @property
    def in_words(self) -> str:
        """What was asked for, as a command says it; empty where that is all."""
        opened = {True: "--opened", False: "--sealed", None: ""}[self.opened]
        words = [
            "" if self.name is None else f"{self.name!r}",
            "" if self.table is None else f"--table {self.table}",
            "" if self.state is None else f"--state {self.state}",
            opened,
            "" if self.since is None else f"--since {self.since:%Y-%m-%dT%H:%M}",
        ]
        return " ".join(filter(None, words))

    def _has(self, study: StudySummary) -> bool:
        names = study.rounds or (study.study,)
        return (
            (self.archived or not study.is_archived or study.state is StudyState.RUNNING)
            and (self.name is None or any(fnmatchcase(name, self.name) for name in names))
            and (self.table is None or self.table in {study.table, PurePath(study.table).name})
            and (self.state is None or study.state is self.state)
            and (self.opened is None or (study.has_test_set and (study.looks > 0) is self.opened))
            and (self.since is None or (study.last_active is not None and study.last_active >= self.since))
        )


def summaries_in(launch: LaunchConfig) -> Summaries:
    """Return a line of each of Proctor's studies in a database; others' studies are passed over.

    Raises
    ------
    StorageError
        When there is no such database.
    """
    url = parse_url(storage_url(launch))
    summaries = Summaries([], [])
    with told_as_storage_errors(url):
        engine = engine_for_reading(url)
        try:
            with engine.connect() as connection:
                overviews = read_overviews(connection)
                winners = _winners(connection, overviews)
        finally:
            engine.dispose()
    rounds = _by_first(overviews)
    lines: dict[str, StudySummary] = {}
    with_rounds: set[str] = set()
    for overview in overviews:
        try:
            if overview.damage is not None:
                raise overview.damage
            check_format(overview.name, overview.attributes)
            line = _summary(overview, rounds, winners.get(overview.name))
            config = overview.attributes["config"]
            if kinds_in(overview.attributes) or config.get("rounds", {}).get("count", 1) > 1:
                with_rounds.add(overview.name)
            lines[overview.name] = line
        except OthersStudyError:
            continue
        except StorageError as error:
            summaries.refusals.append(str(error))
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            told = f"{type(error).__name__}: {error}"
            summaries.refusals.append(f"study {overview.name!r}: what is stored of it cannot be read: {told}")
    summaries.readable.extend(_lines_of_firsts(lines, rounds, with_rounds))
    return summaries


def _lines_of_firsts(
    lines: Mapping[str, StudySummary],
    rounds: Mapping[str, Mapping[int, StudyOverview]],
    with_rounds: Collection[str],
) -> Iterator[StudySummary]:
    """Yield a line a study, in their order: rounds are one study, under the first one's name."""
    of_first = {
        first: [of_one[number] for number in sorted(of_one) if of_one[number].name in lines]
        for first, of_one in rounds.items()
        if first in lines
    }
    later = {each.name for overviews in of_first.values() for each in overviews[1:]}
    for name, line in lines.items():
        if name not in later:
            yield _of_rounds(of_first[name], lines) if name in with_rounds else line


def _of_rounds(overviews: Sequence[StudyOverview], lines: Mapping[str, StudySummary]) -> StudySummary:
    """Return the line of a study of several rounds.

    Parameters
    ----------
    overviews
        The rounds that can be read, the first one first.
    lines
        What each of them would be by itself.
    """
    all_lines = [lines[each.name] for each in overviews]
    first = all_lines[0]
    best = min(zip(overviews, all_lines, strict=True), key=lambda pair: _badness(*pair))[1]
    if any(line.state is StudyState.RUNNING for line in all_lines):
        state = StudyState.RUNNING
    else:
        is_over = overviews[0].attributes.get(ROUNDS_ENDING) is not None
        is_over &= all(line.state is StudyState.ENDED for line in all_lines)
        state = StudyState.ENDED if is_over else StudyState.STOPPED
    return first.model_copy(
        update={
            "state": state,
            **{key: sum(getattr(line, key) for line in all_lines) for key in _OF_ALL_ROUNDS},
            "dev_metric": best.dev_metric,
            "optimism": best.optimism,
            "went_on_after_look": any(line.went_on_after_look for line in all_lines),
            "last_active": max((line.last_active for line in all_lines if line.last_active), default=None),
            "rounds": tuple(line.study for line in all_lines),
            "contest": tuple(kinds_in(overviews[0].attributes)),
            "best_round": None if best.dev_metric is None else best.study,
        }
    )


_OF_ALL_ROUNDS = ("budget", "complete", "pruned", "failed", "looks")


def _badness(overview: StudyOverview, line: StudySummary) -> float:
    """Return what a round is ranked by among others, the lowest first: its winner's mean over its seeds.

    That is as `service.advice.rounds.winners_rank` has it.
    """
    winner = _winner(_ranked(overview), line.metric)
    if winner is not None:
        runs = [each for each in _ranked(overview) if each.confirms == winner.number]
        if kinds_in(overview.attributes):
            return _rank(runs, line.metric)[0]
        return _rank((winner, *runs), line.metric)[0]
    return inf if line.dev_metric is None else line.metric.badness(line.dev_metric)


def studies_json(studies: Sequence[StudySummary], refusals: Sequence[str]) -> str:
    """Return studies, and why others cannot be read, as one JSON object."""
    listed = [study.model_dump(mode="json") for study in studies]
    return json.dumps({"studies": listed, "refusals": list(refusals)}, indent=2)


class _Measured(NamedTuple):
    """A winner as it was measured, and the complete trials with the best or the worst value."""

    winner: Mapping[str, Any]
    extremes: Sequence[RankedTrial]


def _winners(connection: Connection, overviews: Sequence[StudyOverview]) -> dict[str, _Measured]:
    """Return what the optimism rests on, of studies without a test set whose winner was measured."""
    without = [each for each in overviews if each.attributes.get("test_fingerprint", "") is None]
    measured = study_attribute(connection, WINNER, without)
    # Null where a search went on, or the winner was set aside, until another one is measured.
    extremes = read_extremes(connection, [each for each in without if measured.get(each.name) is not None])
    return {name: _Measured(measured[name], trials) for name, trials in extremes.items()}


def _summary(
    overview: StudyOverview,
    rounds: Mapping[str, Mapping[int, StudyOverview]],
    measured: _Measured | None,
) -> StudySummary:
    attributes, config = overview.attributes, overview.attributes["config"]
    metric = Metric(config["metric"])
    winner = _winner(_ranked(overview), metric)
    complete = overview.counts.get(COMPLETE)
    if winner is not None:
        dev_metric = winner.value
    elif complete is None:
        dev_metric = None
    else:
        dev_metric = complete.highest if metric.higher_is_better else complete.lowest
    has_test_set = attributes["test_fingerprint"] is not None
    optimism = None
    if not has_test_set and dev_metric is not None:
        error = None if measured is None else _standard_error(measured, winner, metric)
        among = _selected_among(overview, rounds)
        n_trials = sum(counts.n_with_value for each in among for counts in each.counts.values())
        optimism = estimate_optimism(metric, dev_figure=dev_metric, standard_error=error, n_trials=n_trials)
    last = overview.last_active
    return StudySummary(
        study=overview.name,
        table=config["data"]["table"],
        state=_state(overview, config),
        budget=config["trials"],
        complete=_n(overview, COMPLETE),
        pruned=_n(overview, PRUNED),
        failed=_n(overview, FAILED),
        metric=metric,
        dev_metric=dev_metric,
        has_test_set=has_test_set,
        looks=overview.n_looks,
        went_on_after_look=any(each["looks"] for each in attributes.get(EXTENSIONS, ())),
        is_archived=bool(attributes.get(ARCHIVED)),
        rounds=(),
        best_round=None,
        last_active=None if last is None else last.replace(tzinfo=UTC),
        optimism=optimism,
    )


def _standard_error(measured: _Measured, confirmed: RankedTrial | None, metric: Metric) -> float | None:
    """Return the standard error of the winner's dev figure; None where another winner was measured."""
    winner = confirmed or min(measured.extremes, key=lambda trial: _rank((trial,), metric))
    is_of_winner = winner.number == measured.winner["trial"]
    return float(measured.winner["standard_errors"]["dev"]) if is_of_winner else None


def _ranked(overview: StudyOverview) -> Sequence[RankedTrial]:
    """Return finalists and their confirmations: where a search went on, others were confirmed before."""
    if not overview.attributes.get(EXTENSIONS):
        return overview.ranked
    finalists = overview.attributes.get(FINALISTS) or ()
    return [
        each
        for each in overview.ranked
        if (each.number if each.confirms is None else each.confirms) in finalists
    ]


def _n(overview: StudyOverview, state: str) -> int:
    counts = overview.counts.get(state)
    return 0 if counts is None else counts.n


def _state(overview: StudyOverview, config: Mapping[str, Any]) -> StudyState:
    """Return whether a study goes on, as `StoredStudy.is_over` has it."""
    holder = overview.holder
    if holder is not None and holder.runs:
        return StudyState.RUNNING
    finalists = overview.attributes.get(FINALISTS)
    runs = [trial for trial in _ranked(overview) if trial.confirms is not None]
    # Also runs of trials that are finalists no longer: what storage shows as running is run.
    n_running = _n(overview, RUNNING) + sum(trial.state == RUNNING for trial in overview.ranked)
    if finalists is None:
        n_ended = sum(_n(overview, state) for state in (COMPLETE, PRUNED, FAILED))
        is_over = n_ended == config["trials"] and config["confirmation"]["finalists"] == 0
    else:
        is_over = len(runs) == len(finalists) * config["confirmation"]["seeds"] and n_running == 0
    return StudyState.ENDED if is_over else StudyState.STOPPED


def _winner(ranked: Sequence[RankedTrial], metric: Metric) -> RankedTrial | None:
    """Return the confirmed finalist that has won, as `winner_of` has it; None where none is confirmed."""
    runs: dict[int, list[RankedTrial]] = defaultdict(list)
    for trial in ranked:
        if trial.confirms is not None:
            runs[trial.confirms].append(trial)
    has_all = len({len(of_one) for of_one in runs.values()}) == 1 and not any(
        run.state == RUNNING for of_one in runs.values() for run in of_one
    )
    confirmed = [
        trial
        for trial in ranked
        if trial.confirms is None and all(each.state == COMPLETE for each in (trial, *runs[trial.number]))
    ]
    if not has_all or not confirmed:
        return None
    return min(confirmed, key=lambda trial: _rank((trial, *runs[trial.number]), metric))


def _rank(seeds: Sequence[RankedTrial], metric: Metric) -> tuple[float, float, int]:
    """Return what a trial is ranked by, the lowest first: means over its seeds, its own first; its number."""
    values = [each.value for each in seeds if each.value is not None]
    losses = [each.dev_loss for each in seeds if each.dev_loss is not None]
    return metric.badness(fmean(values)), fmean(losses), seeds[0].number


def _by_first(overviews: Sequence[StudyOverview]) -> dict[str, dict[int, StudyOverview]]:
    """Return the rounds of each study by their numbers, by the name of the first; its own number is 1."""
    by_key: dict[str, list[StudyOverview]] = defaultdict(list)
    for overview in overviews:
        if overview.identity is not None:
            by_key[overview.identity.key].append(overview)
    rounds = {overview.name: {1: overview} for overview in overviews}
    for overview in overviews:
        try:
            place = _round_of(overview)
            for first in by_key[place["first"]["key"]] if place else ():
                if first.identity is not None and first.identity.owns(**place["first"]):
                    rounds[first.name][int(place["number"])] = overview
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            overview.damage = error
    return rounds


def _round_of(overview: StudyOverview) -> Mapping[str, Any]:
    """Return a later round's place among the rounds; nothing of another study, or of a copy."""
    is_copy = overview.identity is None or overview.identity.is_copy
    return {} if is_copy else overview.attributes.get(ROUND) or {}


def _selected_among(
    overview: StudyOverview, rounds: Mapping[str, Mapping[int, StudyOverview]]
) -> Sequence[StudyOverview]:
    """Return the studies whose trials the winner was chosen among: the best round's, among those of all."""
    for of_first in rounds.values():
        if any(each is overview for each in of_first.values()):
            ending = of_first[1].attributes.get(ROUNDS_ENDING)
            if ending is not None and of_first.get(ending["winner"]) is overview:
                return list(of_first.values())
    return [overview]
