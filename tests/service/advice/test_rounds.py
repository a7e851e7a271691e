"""Rounds: plain studies on one split; the best of all sits the test set once, and nothing is lost."""

import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from search_spaces.network.point import Optimizer
from search_spaces.network.space import NetworkSpace
from service.advice.rounds import winners_rank
from service.data.preparation.prepared_data import prepare_data
from service.errors import BadInputError
from tests.service.advice.rounds_study import NAME, RoundsStudy, new_rounds
from tests.service.iris_study import search_iris
from tests.service.study.search.crashes import Crash
from tests.service.study.search.studies import content
from tests.service.wired_data import wired
from tests.tripwire import TrippedError
from workers.messages import TrialRequest
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool
from workers.trial_data import TrialData


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> RoundsStudy:
    made = new_rounds(tmp_path_factory.mktemp("rounds"))
    made.begin()
    made.go_on()
    return made


def test_training_that_was_cut_short_is_longer_in_the_next_round(study: RoundsStudy) -> None:
    first, second, *_ = study.chain.studies
    assert second.round is not None
    assert (second.round["step"], second.round["from"]) == ("longer training", 1)
    assert "still getting better" in second.round["reasons"]["training.max_epochs"]
    assert second.config.training.max_epochs == 2 * first.config.training.max_epochs
    assert second.config.warm_start == NAME
    assert winners_rank(second) < winners_rank(first)


def test_rounds_share_the_split_and_search_with_seeds_of_their_own(
    study: RoundsStudy,
) -> None:
    studies = study.chain.studies
    assert len({each.test_fingerprint for each in studies}) == 1
    assert len({each.known_fingerprint for each in studies}) == 1
    seeds = [trial.user_attrs["seed"] for each in studies for trial in each.trials]
    assert len(set(seeds)) == len(seeds)


def test_the_best_of_all_rounds_sits_the_test_set_and_no_other(study: RoundsStudy) -> None:
    chain = study.chain
    best = min(chain.studies, key=winners_rank).config.name
    assert chain.ending is not None
    assert chain.ending["winner"] == best
    ledger = study.store.ledger()
    assert {each.config.name: len(ledger.looks(each.identity)) for each in chain.studies} == {
        each.config.name: int(each.config.name == best) for each in chain.studies
    }


def test_the_report_is_the_best_rounds_and_tells_all_of_them(study: RoundsStudy) -> None:
    report = study.go_on()  # nothing is left: the same once more
    chain = study.chain
    assert report.study == chain.best.config.name
    assert report.test is not None
    assert report.rounds is not None
    assert [line.study for line in report.rounds.rounds] == [each.config.name for each in chain.studies]
    assert report.rounds.winner == report.study
    assert report.rounds.ending == (chain.ending or {})["reason"]
    assert report.optimism is not None
    assert report.optimism.n_trials == sum(
        trial.value is not None
        for each in chain.studies
        for trial in each.trials
        if "confirms" not in trial.user_attrs
    )
    assert len(study.store.ledger().looks_at(str(chain.first.test_fingerprint))) == 1


class DyingPool(InProcessPool):
    """A pool that dies with its coordinator after so many trials, counted over all pools."""

    left = 0

    def submit(self, request: TrialRequest) -> None:
        """Train, unless the end has come."""
        type(self).left -= 1
        if type(self).left < 0:
            raise Crash
        super().submit(request)


@pytest.mark.parametrize("n_trials", [3, 9, 13, 20])
def test_killed_anywhere_they_come_to_the_same_end(study: RoundsStudy, n_trials: int, tmp_path: Path) -> None:
    killed = new_rounds(tmp_path)
    killed.begin()
    DyingPool.left = n_trials

    def dying(data: TrialData) -> WorkerPool:
        return DyingPool(data)

    with pytest.raises(Crash):
        killed.go_on(dying)
    report = killed.go_on()
    names = [each.config.name for each in study.chain.studies]
    assert [each.config.name for each in killed.chain.studies] == names
    for name in names:
        assert content(killed.store, name) == content(study.store, name)
    undisturbed = study.go_on()
    assert report.test == undisturbed.test
    assert len(report.looks) == 1


def test_left_sealed_no_round_opens_the_test_set(tmp_path: Path) -> None:
    made = new_rounds(tmp_path)
    made.begin(keep_sealed=True, rounds={"count": 2})
    report = made.go_on()
    assert report.test is None
    assert report.looks == ()
    assert report.rounds is not None
    assert report.rounds.ending == "all 2 rounds are done"


@pytest.mark.parametrize("reason", [None, "rounds beside one study"])
def test_a_test_set_that_an_earlier_study_opened_stays_sealed_in_all_rounds_unless_they_have_a_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], reason: str | None
) -> None:
    made = new_rounds(tmp_path)
    search_iris(made.store, table="wine", name="earlier", trials=2).conclude()
    made.begin(look_again=reason, rounds={"count": 2})
    report = made.go_on()
    assert capfd.readouterr().err.count("this test set was opened before, once: by study earlier") == 1
    assert (report.test is None) == (reason is None)
    assert (report.earlier_looks is None) == (reason is not None)
    own = [] if reason is None else [(report.study, reason)]
    assert [(look.study, look.reason) for look in report.looks] == [("earlier", None), *own]
    made.go_on()  # as `resume` does
    assert capfd.readouterr().err.count("opened before") == int(reason is None)


def test_rounds_diagnosis_and_advice_trip_no_wire_at_the_test_set(tmp_path: Path) -> None:
    made = new_rounds(tmp_path)
    made.begin(keep_sealed=True)
    report = made.go_on(prepare=lambda config: wired(prepare_data(config)))
    assert report.advice
    assert report.rounds is not None
    assert len(report.rounds.rounds) > 1
    opening = new_rounds(tmp_path / "opened")
    opening.begin(rounds={"count": 1})
    with pytest.raises(TrippedError):  # the wire is live: the opening trips it
        opening.go_on(prepare=lambda config: wired(prepare_data(config)))


def test_a_budget_of_epochs_is_that_of_all_rounds(tmp_path: Path) -> None:
    made = new_rounds(tmp_path)
    made.begin(budget={"epochs": 60})
    made.go_on()
    chain = made.chain
    budgets = [each.config.budget.epochs for each in chain.studies]
    spent = [
        sum(trial.user_attrs["epochs"] for trial in each.trials if "confirms" not in trial.user_attrs)
        for each in chain.studies
    ]
    assert budgets[1] == 60 - spent[0]
    assert chain.ending is not None
    assert chain.ending["reason"] == "the budget of 60 epochs is spent"


def test_a_dev_figure_that_is_good_enough_ends_them(tmp_path: Path) -> None:
    made = new_rounds(tmp_path)
    made.begin(budget={"dev_metric": 0.99})
    made.go_on()
    assert made.chain.ending == {"reason": "the dev figure is good enough", "winner": NAME}


def test_bias_and_variance_within_noise_end_them(tmp_path: Path) -> None:
    made = new_rounds(tmp_path)
    made.begin(space="small", training={"max_epochs": 40})
    made.go_on()
    assert made.chain.ending == {"reason": "bias and variance are within noise", "winner": NAME}


def test_a_step_that_brings_nothing_is_not_taken_again(tmp_path: Path) -> None:
    """With labels that nothing predicts, and a Bayes error that is said to be 0, each step is taken once."""
    lines = ["x,y", *(f"{i * 37 % 101},{i * i * 7919 % 97 % 2}" for i in range(160))]
    table = tmp_path / "noise.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = new_rounds(tmp_path)
    made.begin(data={"table": str(table), "target": "y"}, trials=4, rounds={"count": 12}, bayes_error=0.0)
    made.go_on()
    taken = [each.round["step"] for each in made.chain.studies if each.round is not None]
    gains = [winners_rank(each)[0] for each in made.chain.studies]
    repeated = [step for step in set(taken) if taken.count(step) > 1]
    if repeated:  # only what helped may be taken once more
        assert min(gains) < gains[0]
    assert made.chain.ending is not None
    assert made.chain.ending["reason"] in (
        "the advice repeats itself",
        "bias and variance are within noise",
        "a search cannot do what is advised next",
    )


def test_noise_ends_the_rounds_where_no_bayes_error_is_given(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        f"{x:.4f},{z:.4f},{'yes' if of else 'no'}"
        for x, z, of in zip(*rng.normal(size=(2, 400)), rng.random(400) < 0.5, strict=True)
    ]
    table = tmp_path / "noise.csv"
    table.write_text("\n".join(["x,z,y", *rows]) + "\n", encoding="utf-8")
    made = new_rounds(tmp_path)
    made.begin(data={"table": str(table), "target": "y"}, trials=4, rounds={"count": 3})
    made.go_on()
    assert made.chain.ending is not None
    assert made.chain.ending["reason"] == "there is no evidence of learning, and no other model did better"
    assert len(made.chain.studies) == 1


class SickPool(InProcessPool):
    """A pool in which everything diverges."""

    def submit(self, request: TrialRequest) -> None:
        """Train with a rate at which nothing survives."""
        wild = request.hyperparameters.model_copy(update={"learning_rate": 1e30, "optimizer": Optimizer.SGD})
        super().submit(replace(request, hyperparameters=wild))


def test_a_round_without_a_winner_is_passed_over(tmp_path: Path) -> None:
    made = new_rounds(tmp_path)
    made.begin(rounds={"count": 2})
    pools = iter([InProcessPool, SickPool])
    report = made.go_on(lambda data: next(pools)(data))  # noqa: PLW0108 (a pool of its own for each round)
    assert report.study == NAME
    assert report.test is not None
    assert report.rounds is not None
    assert [line.winner is None for line in report.rounds.rounds] == [False, True]


def test_a_table_that_has_changed_between_rounds_is_refused(tmp_path: Path) -> None:
    """A round that reads its table again, for inputs of its own, must not search other rows unnoticed."""
    table = tmp_path / "table.csv"
    rng = np.random.default_rng(5)
    rows = [f"{x:.4f},{z:.4f},{'ab'[int(x * z > 0)]}" for x, z in rng.normal(size=(200, 2))]
    table.write_text("\n".join(["x,z,y", *rows]) + "\n", encoding="utf-8")
    made = new_rounds(tmp_path / "study")
    made.begin(data={"table": str(table), "target": "y"}, rounds={"count": 1})
    study = made.chain.first
    encodings = {"choices": ["plain", "piecewise_linear"]}
    space = NetworkSpace.model_validate({**study.config.space.dimensions, "numeric_encoding": encodings})
    other = replace(study, config=study.config.model_copy(update={"space": space}))
    run = made.run()
    prepared = prepare_data(study.config)
    assert run.prepared_for(other, study, prepared).split.known_fingerprint == study.known_fingerprint
    table.write_text("\n".join(["x,z,y", *rows[1:]]) + "\n", encoding="utf-8")
    assert run.prepared_for(study, study, prepared) is prepared
    with pytest.raises(BadInputError, match="has changed since it began"):
        run.prepared_for(other, study, prepared)


def test_a_study_of_a_rounds_name_that_is_none_of_them_ends_them(tmp_path: Path) -> None:
    made = new_rounds(tmp_path)
    made.begin()
    made.store.create(f"{NAME}-round-2", {})
    report = made.go_on()
    assert report.study == NAME
    assert made.chain.ending == {
        "reason": f"study '{NAME}-round-2' exists, but is not one of these rounds",
        "winner": NAME,
    }


class StoppingPool(InProcessPool):
    """A pool that hears Ctrl-C while the winner of a round is trained again."""

    def submit(self, request: TrialRequest) -> None:
        """Train, and interrupt where weights are asked for."""
        if request.keep_state:
            signal.raise_signal(signal.SIGINT)
        super().submit(request)


def test_stopped_while_a_rounds_winner_is_measured_no_other_round_begins(
    study: RoundsStudy, tmp_path: Path
) -> None:
    made = new_rounds(tmp_path)
    made.begin()
    first = made.chain.first
    assert made.run(StoppingPool).to_its_end(first, prepare_data(first.config)) is None
    assert len(made.chain.studies) == 1
    assert made.go_on().test == study.go_on().test
