"""Rounds stay together: under another name, in a copy, and when a study or a tool is in their way."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import optuna
import pytest

from service.advice.rounds import Chain, chain_of
from service.cli import run_command
from service.commands.study_keeping import archive_study, copy_study, delete_study, rename_study
from service.commands.trials import set_aside
from service.commands.unseal import unseal_study
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.report.facts.study_report import build_report
from service.report.facts.study_summaries import StudyState, Wanted, summaries_in
from service.study.search.winner import winner_of
from service.study.storage.lease import Lease
from service.study.storage.stored_study import load_study
from tests.service.advice.rounds_study import NAME, RoundsStudy, new_rounds

SECOND = f"{NAME}-round-2"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a study that has ended after its rounds."""
    study = new_rounds(tmp_path_factory.mktemp("rounds"))
    study.begin(rounds={"count": 2})
    study.go_on()
    assert len(study.chain.studies) == 2
    assert study.chain.ending is not None
    study.store.close()
    return Path(str(study.store.engine.url.database)).parent


@pytest.fixture
def study(ended: Path, tmp_path: Path) -> Iterator[RoundsStudy]:
    """Return the study in a database of the test's own."""
    shutil.copytree(ended, tmp_path / "own")
    rounds = new_rounds(tmp_path / "own")
    yield rounds
    rounds.store.close()


def launch(study: RoundsStudy) -> LaunchConfig:
    return LaunchConfig(storage=study.store.url)


def chain(study: RoundsStudy, name: str) -> Chain:
    return chain_of(study.store, load_study(study.store, name))


def names(found: Chain) -> list[str]:
    return [each.config.name for each in found.studies]


def test_they_are_renamed_with_the_first(study: RoundsStudy) -> None:
    winner = study.chain.number_of_best
    rename_study(NAME, "other", launch(study))
    renamed = chain(study, "other-round-2")
    assert names(renamed) == study.store.study_names() == ["other", "other-round-2"]
    commands = {build_report(each, study.store).reproduce for each in renamed.studies}
    assert commands == {"proctor run wine --rounds 3 --name other"}
    assert "study other" in build_report(renamed.last, study.store).origins
    assert renamed.ending is not None
    assert renamed.ending["winner"] == names(renamed)[winner - 1]
    assert [
        look.study_name for look in study.store.ledger().looks_at(str(renamed.first.test_fingerprint))
    ] == [names(renamed)[winner - 1]]


def test_they_are_copied_with_the_first_and_are_rounds_of_the_copy(study: RoundsStudy) -> None:
    copy_study(NAME, "twin", launch(study))
    assert names(chain(study, "twin-round-2")) == ["twin", "twin-round-2"]
    assert names(chain(study, SECOND)) == [NAME, SECOND]
    delete_study(NAME, launch(study))
    assert names(chain(study, "twin")) == study.store.study_names() == ["twin", "twin-round-2"]


def test_a_later_round_is_not_kept_apart_from_the_first(study: RoundsStudy) -> None:
    acts: list[Callable[[], object]] = [
        lambda: rename_study(SECOND, "new", launch(study)),
        lambda: copy_study(SECOND, "new", launch(study)),
        lambda: delete_study(SECOND, launch(study)),
        lambda: archive_study(SECOND, launch(study), is_archived=True),
    ]
    for act in acts:
        with pytest.raises(BadInputError, match=f"study '{SECOND}' is a round of study '{NAME}'"):
            act()
    assert study.store.study_names() == [NAME, SECOND]


def test_they_are_archived_with_the_first(study: RoundsStudy) -> None:
    archive_study(NAME, launch(study), is_archived=True)
    found = summaries_in(launch(study)).readable
    assert Wanted().of(found) == []
    assert len(Wanted(archived=True).of(found)) == 1
    archive_study(NAME, launch(study), is_archived=False)
    assert len(Wanted().of(summaries_in(launch(study)).readable)) == 1


def test_they_are_one_study_in_a_listing_and_to_the_first_s_report(
    study: RoundsStudy, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = summaries_in(launch(study)).readable
    reports = [build_report(each, study.store) for each in study.chain.studies]
    best = study.chain.best.config.name
    assert (line.study, line.rounds, line.best_round) == (NAME, (NAME, SECOND), best)
    assert (line.state, line.looks, line.budget) == (StudyState.ENDED, 1, 12)
    assert line.complete == sum(report.trials.complete for report in reports)
    of_best = next(report for report in reports if report.study == best)
    assert of_best.winner is not None
    assert line.dev_metric == of_best.winner.dev_metric
    for report in reports:
        assert (len(report.own_looks), report.others_looks) == (1, ())
    assert [Wanted(name=name).of([line]) for name in (SECOND, "other")] == [[line], []]
    assert run_command(["list", "--storage", study.store.url]) == 0
    assert f"{NAME}: 2 rounds, the best is {best}\n" in capsys.readouterr().out


def test_they_have_ended_once_it_is_told_why_there_are_no_more(study: RoundsStudy) -> None:
    study.store.set_attribute(NAME, "rounds_ending", None)
    (line,) = summaries_in(launch(study)).readable
    assert line.state is StudyState.STOPPED
    with Lease.take(study.store.engine, SECOND):
        assert summaries_in(launch(study)).readable[0].state is StudyState.RUNNING


def test_another_tools_copy_of_a_round_is_no_round(study: RoundsStudy) -> None:
    storage = study.store.optuna_storage
    for name in (NAME, SECOND):
        optuna.copy_study(
            from_study_name=name, from_storage=storage, to_storage=storage, to_study_name=f"copy of {name}"
        )
    assert names(chain(study, NAME)) == [NAME, SECOND]
    assert names(chain(study, f"copy of {SECOND}")) == [f"copy of {SECOND}"]
    assert names(chain(study, f"copy of {NAME}")) == [f"copy of {NAME}"]


def test_rounds_whose_first_a_tool_renamed_stay_together(study: RoundsStudy) -> None:
    storage = study.store.optuna_storage
    optuna.copy_study(from_study_name=NAME, from_storage=storage, to_storage=storage, to_study_name="new")
    optuna.delete_study(study_name=NAME, storage=storage)
    assert names(chain(study, SECOND)) == ["new", SECOND]


def test_a_round_whose_first_was_deleted_stands_alone(study: RoundsStudy) -> None:
    optuna.delete_study(study_name=NAME, storage=study.store.optuna_storage)
    assert names(chain(study, SECOND)) == [SECOND]
    assert [each.study for each in summaries_in(launch(study)).readable] == [SECOND]


def test_after_the_winner_is_set_aside_another_round_may_win_and_all_agree(tmp_path: Path) -> None:
    study = new_rounds(tmp_path / "sealed")
    study.begin(rounds={"count": 2}, keep_sealed=True)
    study.go_on()
    best = study.chain.best
    won = winner_of(best.trials, best.metric).number
    set_aside(best.config.name, launch(study), won, "its data were spoiled")
    chain = study.chain
    assert chain.ending is not None
    assert chain.ending["winner"] == chain.best.config.name
    report = unseal_study(NAME, launch(study), reason=None)
    assert report.study == chain.best.config.name
    assert report.test is not None
    study.store.close()
