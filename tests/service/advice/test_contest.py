"""A contest: plain studies on one split, a kind of model each; the best one takes the test set, once."""

from dataclasses import replace
from pathlib import Path

import pytest

from search_spaces.network.point import NetworkPoint, Optimizer
from service.advice.contest import pair_of
from service.advice.rounds import winners_rank
from service.commands.trials import set_aside
from service.configuration.launch_config import LaunchConfig
from service.errors import ProctorError
from service.report.facts.study_report import build_report
from service.study.search.winner import winner_of
from service.study.storage.stored_study import load_study
from tests.service.advice.contest_study import KINDS, N_TRAININGS, NAMES, ContestStudy, new_contest
from tests.service.advice.rounds_study import NAME, new_rounds
from tests.service.study.search.crashes import Crash
from tests.service.study.search.studies import content
from workers.messages import TrialRequest
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool
from workers.trial_data import TrialData


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> ContestStudy:
    made = new_contest(tmp_path_factory.mktemp("contest"))
    made.begin()
    made.go_on()
    return made


def n_looks(contest: ContestStudy) -> dict[str, int]:
    ledger = contest.store.ledger()
    return {each.config.name: len(ledger.looks(each.identity)) for each in contest.chain.studies}


def test_each_kind_has_a_study_of_the_same_trials_on_the_same_split(contest: ContestStudy) -> None:
    studies = contest.chain.studies
    assert [each.config.name for each in studies] == NAMES
    assert [each.config.model.kind for each in studies] == KINDS
    assert {len(each.trials) for each in studies} == {N_TRAININGS}
    assert len({(each.known_fingerprint, each.test_fingerprint) for each in studies}) == 1


def test_a_kinds_study_is_the_one_that_it_would_be_by_itself(contest: ContestStudy, tmp_path: Path) -> None:
    alone = new_rounds(tmp_path)
    alone.begin(
        model="boosting",
        rounds={"count": 1},
        keep_sealed=True,
        trials=4,
        space="small",
        training={"max_epochs": 5},
    )
    alone.go_on()
    assert content(alone.store, NAME) == content(contest.store, NAMES[1])


def test_the_test_set_is_opened_once_for_the_best_kind(contest: ContestStudy) -> None:
    best = contest.chain.best
    assert n_looks(contest) == {name: int(name == best.config.name) for name in NAMES}
    assert len(contest.store.ledger().looks_at(str(best.test_fingerprint))) == 1
    assert winners_rank(best) == min(map(winners_rank, contest.chain.studies))


def test_a_winners_first_score_which_it_was_chosen_by_decides_nothing(contest: ContestStudy) -> None:
    study = contest.chain.studies[0]
    winner = winner_of(study.trials, study.metric)
    (run,) = [each for each in study.trials if each.user_attrs.get("confirms") == winner.number]
    assert winners_rank(study) == (run.value, run.user_attrs["dev_loss"], 0)


def test_all_its_reports_tell_the_contest_and_one_has_a_test_figure(contest: ContestStudy) -> None:
    opened = contest.go_on()  # nothing is left: the same once more
    reports = [build_report(study, contest.store) for study in contest.chain.studies]
    assert [report.contest for report in reports] == [opened.contest] * len(KINDS)
    assert opened.contest is not None
    assert [line.study for line in opened.contest.kinds] == NAMES
    assert opened.contest.best == opened.model
    assert [report.study for report in reports if report.test is not None] == [opened.study]
    assert [report.better_study for report in reports] == [
        None if report.study == opened.study else opened.study for report in reports
    ]
    assert all(len(report.own_looks) == 1 and not report.others_looks for report in reports)


def test_a_later_kind_tells_what_it_reads_as_images(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = new_contest(tmp_path)
    network = {"model": "network", "space": {"depth": 1, "width": 2, "shift_fraction": 0.1}}
    made.begin(
        contest=["linear", network],
        model="linear",
        data={"table": "digits"},
        trials=1,
        confirmation={"finalists": 0},
        no_baselines=True,
    )
    made.go_on()
    assert capsys.readouterr().err.count("features are read as a gray image of 8 x 8 pixels") == 1


class DyingPool(InProcessPool):
    """A pool that dies with its coordinator after so many trainings, counted over all pools."""

    left = 0

    def submit(self, request: TrialRequest) -> None:
        """Train, unless the end has come."""
        type(self).left -= 1
        if type(self).left < 0:
            raise Crash
        super().submit(request)


# In a search, in a confirmation, where a winner is measured, and in each of the kinds.
@pytest.mark.parametrize("n_trainings", [2, N_TRAININGS, N_TRAININGS + 3, 2 * N_TRAININGS + 2, 19])
def test_killed_anywhere_it_comes_to_the_same_end(
    contest: ContestStudy, n_trainings: int, tmp_path: Path
) -> None:
    killed = new_contest(tmp_path)
    killed.begin()
    DyingPool.left = n_trainings

    def dying(data: TrialData) -> WorkerPool:
        return DyingPool(data)

    with pytest.raises(Crash):
        killed.go_on(dying)
    report = killed.go_on()
    for name in NAMES:
        assert content(killed.store, name) == content(contest.store, name)
    assert killed.chain.first.rounds_ending == contest.chain.first.rounds_ending
    assert report.test == contest.go_on().test
    assert sum(n_looks(killed).values()) == 1


def test_left_sealed_no_kind_opens_the_test_set(tmp_path: Path) -> None:
    made = new_contest(tmp_path)
    made.begin(keep_sealed=True)
    report = made.go_on()
    assert report.test is None
    assert report.looks == ()
    assert report.contest is not None
    assert report.contest.best is not None


def test_without_a_test_set_the_figures_are_those_of_dev(tmp_path: Path) -> None:
    made = new_contest(tmp_path)
    made.begin(split={"no_test": True})
    report = made.go_on()
    assert not report.has_test_set
    assert report.contest is not None
    assert report.contest.best == report.model


class SickPool(InProcessPool):
    """A pool in which networks diverge."""

    def submit(self, request: TrialRequest) -> None:
        """Train, networks with a rate at which nothing survives."""
        point = request.hyperparameters
        if isinstance(point, NetworkPoint):
            wild = point.model_copy(update={"learning_rate": 1e30, "optimizer": Optimizer.SGD})
            request = replace(request, hyperparameters=wild)
        super().submit(request)


def test_a_kind_without_a_winner_is_passed_over(tmp_path: Path) -> None:
    made = new_contest(tmp_path)
    made.begin()
    report = made.go_on(SickPool)
    assert report.test is not None
    assert report.contest is not None
    assert [line.winner is None for line in report.contest.kinds] == [True, False, False]
    assert report.contest.best in KINDS[1:]


def test_a_contest_that_no_kind_has_a_winner_in_is_an_error(tmp_path: Path) -> None:
    made = new_contest(tmp_path)
    made.begin(limits={"seconds": 1e-9})
    with pytest.raises(ProctorError, match="there is no winner"):
        made.go_on()
    assert sum(n_looks(made).values()) == 0


def test_a_study_of_a_kinds_name_that_is_not_of_the_contest_ends_it(tmp_path: Path) -> None:
    made = new_contest(tmp_path)
    made.begin()
    made.store.create(NAMES[1], {})
    report = made.go_on()
    assert report.study == NAMES[0]
    assert made.chain.ending == {
        "reason": f"study '{NAMES[1]}' exists, but is not one of this contest",
        "winner": NAMES[0],
    }


def test_winners_of_another_kind_are_compared_with_the_best_on_the_same_rows(contest: ContestStudy) -> None:
    chain = contest.chain
    pairs = [pair_of(chain, number) for number in range(1, len(KINDS) + 1)]
    assert [pair is None for pair in pairs] == [study is chain.best for study in chain.studies]
    assert all(pair is None or (pair.standard_error or 0) > 0 for pair in pairs)


def test_where_the_best_winner_was_set_aside_since_no_difference_is_known(tmp_path: Path) -> None:
    made = new_contest(tmp_path)
    made.begin(keep_sealed=True)
    made.go_on()
    best = made.chain.best
    launch = LaunchConfig(storage=made.store.shown_url)
    set_aside(best.config.name, launch, winner_of(best.trials, best.metric).number, None)
    assert [pair_of(made.chain, number) for number in range(1, len(KINDS) + 1)] == [None] * len(KINDS)
    report = build_report(load_study(made.store, best.config.name), made.store)
    assert report.contest is not None
    differences = [line.difference for line in report.contest.kinds if line.difference is not None]
    assert [difference.interval for difference in differences] == [None, None]
    assert {difference.method for difference in differences} == {
        "a winner was set aside since the contest ended"
    }
