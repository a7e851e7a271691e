"""Train rows are set aside where the dev file is from elsewhere, and not for nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from service.configuration.data_config import DataConfig, SplitConfig, TrainDevRule
from service.configuration.study_config import StudyConfig
from service.data.checks.data_check import check_data
from service.data.preparation.prepared_data import prepare_data
from service.data.preparation.train_dev import LEVEL, MOST_ROWS, decide_train_dev
from service.errors import BadInputError
from service.seal.split_decisions import TrainDevDecision
from service.seal.splits import KnownExamples
from service.study.storage.stored_data import prepare_again
from tests.service.iris_study import new_store, search_iris
from tests.service.mismatched_tables import mismatched_config, mismatched_data

N_TABLES = 100


def decided(
    seed: int,
    *,
    n: int = 400,
    shift: float = 0.0,
    target_shift: float = 0.0,
    rows_a_group: int = 1,
    order: slice = slice(None),
) -> TrainDevDecision:
    """Decide on a made world, the last quarter of whose rows is the dev set."""
    rng = np.random.default_rng(seed)
    is_dev = np.arange(n) >= 3 * n // 4
    group = np.arange(n) // rows_a_group
    a, b, c = 0.1 * rng.normal(size=(3, n)) + rng.normal(size=(3, n))[:, group]
    values = pl.DataFrame(
        {
            "a": a + shift * is_dev,
            "b": b,
            "when": pl.Series((1e15 * (1 + rng.random(n))).astype(np.int64)).cast(pl.Datetime("us")),
            "gaps": pl.select(pl.when(pl.Series(rng.random(n) < 0.7)).then(pl.Series(c))).to_series(),
            "few": rng.poisson(1.0, n).astype(np.float64),
            "town": [f"town {place:.0f}" for place in rng.exponential(6, n)],
            "yes": rng.random(n) < 0.3,
        }
    )
    y = (rng.random(n) < 0.2 + target_shift * is_dev).astype(np.int64)
    records = rng.integers(2**63, size=(n, 2)).astype(np.uint64)
    units = None if rows_a_group == 1 else group[order]
    known = KnownExamples(y[order], np.arange(n), records[order], units=units)
    return decide_train_dev(
        TrainDevRule.AUTO, known, is_dev[order], values=values[order], target="price", seed=0
    )


@pytest.mark.parametrize("world", [{"n": 60}, {"n": 400}, {"n": 1600, "rows_a_group": 8}])
def test_of_one_source_few_tables_seem_to_be_of_two(world: dict[str, Any]) -> None:
    n_apart = sum(decided(seed, **world).are_apart for seed in range(N_TABLES))
    assert n_apart <= binom.isf(0.001, N_TABLES, LEVEL)  # more would be a rate above the level


@pytest.mark.parametrize(
    ("world", "columns"),
    [
        ({"shift": 1.0}, ("a",)),
        ({"shift": 0.5, "n": 2000}, ("a",)),
        ({"target_shift": 0.4}, ("price",)),
        ({"shift": 3.0, "n": 1600, "rows_a_group": 8}, ("a",)),
    ],
)
def test_a_shift_is_found_and_named(world: dict[str, Any], columns: tuple[str, ...]) -> None:
    found = [decided(seed, **world).columns for seed in range(20)]
    assert sum(set(columns) <= set(each) for each in found) >= 19
    assert sum(each == columns for each in found) >= 18


def test_the_order_of_rows_does_not_matter() -> None:
    for world in ({"shift": 0.45}, {"n": 1600, "rows_a_group": 8, "shift": 1.0}):
        assert decided(1, **world, order=slice(None, None, -1)) == decided(1, **world)  # type: ignore[arg-type]


def test_of_very_many_rows_some_are_compared() -> None:
    found = decided(0, n=4 * MOST_ROWS)
    assert (found.n_train, found.n_dev) == (MOST_ROWS, MOST_ROWS)


def test_a_dev_file_of_the_same_source_wastes_no_train_rows(tmp_path: Path) -> None:
    prepared = prepare_data(mismatched_config(tmp_path, shift=0.0))
    assert prepared.n_examples == {"train": 600, "dev": 150, "test": 150}
    told = "none of 5 columns tells 600 train and 150 dev rows apart beyond chance"
    assert prepared.notes == (f"no train-dev set, because {told}",)


def test_a_dev_file_from_elsewhere_has_a_train_dev_set_beside_it(tmp_path: Path) -> None:
    config = mismatched_config(tmp_path)
    prepared = prepare_data(config)
    assert prepared.n_examples == {"train": 480, "train-dev": 120, "dev": 150, "test": 150}
    expected = (
        "a train-dev set is set aside, because 600 train and 150 dev rows differ beyond chance in a, color, y"
        " (p < 0.0001)"
    )
    assert prepared.notes == (expected,)
    check = check_data(config)
    assert check.notes == (expected,)
    assert check.train_dev == prepared.split.train_dev_decision


@pytest.mark.parametrize(
    ("rule", "shift", "n_set_aside", "begins"),
    [
        ("always", 0.0, 120, 'a train-dev set is set aside, because train_dev = "always": none of 5 columns'),
        ("never", 2.0, 0, 'no train-dev set, because train_dev = "never": 600 train and 150 dev rows differ'),
    ],
)
def test_what_the_user_asks_for_is_done_and_the_evidence_is_told(
    tmp_path: Path, rule: str, shift: float, n_set_aside: int, begins: str
) -> None:
    data = mismatched_data(tmp_path, shift=shift)
    split = SplitConfig(train_dev=TrainDevRule(rule))
    prepared = prepare_data(StudyConfig(name="asked", data=data, split=split))
    assert prepared.n_examples.get("train-dev", 0) == n_set_aside
    (note,) = prepared.notes
    assert note.startswith(begins)
    assert ("variance includes what that costs" in note) == (rule == "never")


def test_the_decision_is_on_known_rows_alone(tmp_path: Path) -> None:
    data = mismatched_data(tmp_path, shift=0.0)
    frame = pl.read_csv(data.table)
    rubbish = "rubbish,,1e9,,no\n" * 50 + ",,,,yes\n" * 50
    (tmp_path / "test.csv").write_text(frame.head(0).write_csv() + rubbish)
    for table in (None, str(tmp_path / "test.csv")):
        config = StudyConfig(name="known", data=data.model_copy(update={"test_table": table}))
        found = prepare_data(config).split.train_dev_decision
        assert found is not None
        assert not found.are_apart


def test_a_file_in_another_order_has_the_same_sets(tmp_path: Path) -> None:
    config = mismatched_config(tmp_path)
    first = prepare_data(config).split
    for name in (config.data.table, str(config.data.dev_table)):
        pl.read_csv(name).reverse().write_csv(name)
    again = prepare_data(config).split
    assert first.train_dev is not None
    assert again.train_dev is not None
    assert again.train_dev_decision == first.train_dev_decision
    assert sorted(599 - again.known.rows[again.train_dev]) == first.known.rows[first.train_dev].tolist()


def test_a_resume_keeps_what_was_decided(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), name="kept", data=mismatched_data(tmp_path, shift=0.0), trials=1)
    stored = study.stored
    assert stored.train_dev == study.prepared.split.train_dev_decision
    assert prepare_again(stored).n_examples == stored.n_examples
    elsewhere = {**study.store.attributes("kept")["train_dev"], "columns": ["a"], "p_value": 0.0099}
    study.store.set_attribute("kept", "train_dev", elsewhere)  # as another machine might have found it
    kept = prepare_again(study.stored)
    assert kept.n_examples == {"train": 480, "train-dev": 120, "dev": 150, "test": 150}
    assert kept.split.train_dev_decision == study.stored.train_dev
    study.store.close()


def test_without_a_dev_file_there_is_nothing_to_decide() -> None:
    iris = DataConfig(table="iris")
    assert prepare_data(StudyConfig(name="iris", data=iris)).split.train_dev_decision is None
    with pytest.raises(ValueError, match=r"a train-dev set needs a dev table .*, got none"):
        StudyConfig(name="iris", data=iris, split=SplitConfig(train_dev=TrainDevRule.ALWAYS))


def test_a_file_too_small_for_a_train_dev_set_is_refused_with_the_way_out(tmp_path: Path) -> None:
    data = mismatched_data(tmp_path, shift=60.0, n=600)
    pl.read_csv(data.table).with_columns(y=pl.Series(["yes"] + ["no"] * 599)).write_csv(data.table)
    with pytest.raises(BadInputError, match=r'split\.train_dev = "never" turns that off'):
        prepare_data(StudyConfig(name="small", data=data))
