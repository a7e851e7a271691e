"""A study's data: fitted on each train set alone, made once a choice of inputs, test cells under the seal."""

import gc
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from search_spaces.input_choices import (
    DateEncoding,
    InputChoices,
    NumericEncoding,
    NumericScaling,
    TargetScale,
)
from service.configuration.study_config import StudyConfig
from service.configuration.study_file import study_from_flags
from service.data.preparation.preparation import fit_preparation
from service.data.preparation.prepared_data import PreparedData, prepare_data, read_and_split, read_known
from service.errors import BadInputError
from tests.service.raw_space import RAW, with_raw_inputs
from workers.train_dev_data import Task, TrainDevData

N = 200


def table(seed: int = 0, n: int = N) -> pl.DataFrame:
    """Make a table of numbers with gaps, categories, truth values and dates."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(size=n)
    return pl.DataFrame(
        {
            "size": [None if gap else value for gap, value in zip(rng.random(n) < 0.1, size, strict=True)],
            "color": rng.choice(["red", "green", "blue"], size=n),
            "new": rng.choice(["yes", "no"], size=n),
            "sold": [f"2024-{1 + row % 12:02}-{1 + row % 28:02}" for row in range(n)],
            "price": np.round(100 * size * rng.lognormal(sigma=0.2, size=n), 2),
        }
    )


def study(path: Path, **flags: object) -> StudyConfig:
    return study_from_flags({"data.table": str(path), "data.target": "price", **flags})[0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    table().write_csv(tmp_path / "table.csv")
    return tmp_path / "table.csv"


def same_train_set(one: TrainDevData, other: TrainDevData) -> bool:
    return np.array_equal(one.X_train, other.X_train) and np.array_equal(one.y_train, other.y_train)


def test_inputs_fitted_on_the_train_set_are_those_that_the_study_has(path: Path) -> None:
    config = study(path)
    prepared, known = prepare_data(config), read_known(config)
    (fold,) = known.sets.folds
    made = known.fitted_on(fold.train, fold.dev, prepared.first_choices)
    assert same_train_set(made, prepared.train_dev)
    assert np.array_equal(made.X_dev, prepared.train_dev.X_dev)


@pytest.mark.parametrize("choices", [(), ("quantile", "plain"), ("robust", "piecewise_linear")])
def test_whatever_dev_and_test_cells_hold_the_train_inputs_are_the_same(
    path: Path, tmp_path: Path, choices: tuple[str, str]
) -> None:
    space = dict(zip(("space.numeric_scaling", "space.numeric_encoding"), choices, strict=False))
    found = []
    for cells in ("1.5,red,yes,2024-01-02,7", "1e300,violet,,2090-01-01,99999999", "-inf,,no,NA,3"):
        for name, digit in (("dev", 1), ("test", 2)):
            rows = "".join(f"{cells}{digit}{row}\n" for row in range(30))
            (tmp_path / f"{name}.csv").write_text(f"size,color,new,sold,price\n{rows}")
        files = {f"data.{name}_table": str(tmp_path / f"{name}.csv") for name in ("dev", "test")}
        found.append(prepare_data(study(path, **files, **space)))
    first = found[0]
    for other in found[1:]:
        assert same_train_set(first.train_dev, other.train_dev)
        for choice, preparation in first.preparations.items():
            assert (
                preparation.transformation.description()
                == other.preparations[choice].transformation.description()
            )
            arrays, others = (
                preparation.transformation.arrays(),
                other.preparations[choice].transformation.arrays(),
            )
            assert all(np.array_equal(arrays[name], others[name]) for name in arrays)
            assert preparation.target_scaling == other.preparations[choice].target_scaling
        assert np.isfinite(other.train_dev.X_dev).all()


def by_hand(config: StudyConfig, train: NDArray[np.int64], dev: NDArray[np.int64]) -> TrainDevData:
    """Fit on some of the known examples and apply to others, without what is tested."""
    _, split, told = read_and_split(config)
    fitted = fit_preparation(
        told.values[train],
        split.known.y[train],
        columns=told.learned_from,
        task=Task.REGRESSION,
        n_classes=0,
        choices=InputChoices(),
        seed=config.seed,
    )
    scaling = fitted.preparation.target_scaling
    assert scaling is not None
    return TrainDevData(
        task=Task.REGRESSION,
        X_train=fitted.X_train,
        y_train=fitted.y_train,
        X_dev=fitted.preparation.transformation.apply(told.values[dev]),
        y_dev=scaling.apply(split.known.y[dev].astype(np.float64))[:, np.newaxis],
        n_outputs=1,
        target_deviation=scaling.deviation,
    )


def same(one: TrainDevData, other: TrainDevData) -> bool:
    return (
        same_train_set(one, other)
        and np.array_equal(one.X_dev, other.X_dev)
        and np.array_equal(one.y_dev, other.y_dev)
        and one.target_deviation == other.target_deviation
    )


def test_each_fold_is_fitted_on_its_own_train_part_alone(path: Path) -> None:
    config = study(path, **{"split.folds": 4})
    prepared = prepare_data(config)
    folds = prepared.trial_data.folds_by_inputs[prepared.first_choices]
    assert len(folds) == len(prepared.split.folds) == 4
    for data, fold in zip(folds, prepared.split.folds, strict=True):
        assert same(data, by_hand(config, fold.train, fold.dev))


def test_with_folds_the_refit_and_later_predictions_are_fitted_on_all_known_examples(path: Path) -> None:
    config = study(path, **{"split.folds": 4})
    prepared = prepare_data(config)
    known = np.arange(len(prepared.split.known))
    assert prepared.refit_data is not None
    (refit,) = prepared.refit_data.folds_by_inputs[prepared.first_choices]
    assert same(refit, by_hand(config, known, known[:0]))
    train = prepared.known_sets[prepared.first_choices]["train"]
    np.testing.assert_array_equal(train.X, refit.X_train)
    assert prepared.known_sets[prepared.first_choices].keys() == {"train"}
    assert prepared.n_examples == {"train": 160, "test": 40}


def variants(prepared: PreparedData) -> dict[InputChoices, TrainDevData]:
    return {choices: data for choices, (data,) in prepared.trial_data.folds_by_inputs.items()}


def test_choices_that_make_no_difference_share_their_arrays(path: Path) -> None:
    found = variants(
        prepare_data(
            study(
                path,
                **{
                    "space.numeric_scaling": {"choices": ["robust", "standard"]},
                    "space.numeric_encoding": {"choices": ["plain", "piecewise_linear"]},
                    "space.high_cardinality_encoding": {"choices": ["hashing", "target_statistics"]},
                },
            )
        )
    )
    assert len(found) == 8
    assert len({id(data.X_train) for data in found.values()}) == 3
    scalings = {
        choices.numeric_scaling: data.X_train
        for choices, data in found.items()
        if choices.numeric_encoding is NumericEncoding.PLAIN
    }
    assert not np.array_equal(scalings[NumericScaling.ROBUST], scalings[NumericScaling.STANDARD])


def test_days_have_inputs_unless_sets_are_split_by_time(tmp_path: Path) -> None:
    days, times = (
        pl.Series([f"2024-03-{1 + row % 10:02}" for row in range(N)]),
        pl.Series([f"2024-04-01 {row // 60:02}:{row % 60:02}" for row in range(N)]),
    )
    table().with_columns(sold=days, when=times).write_csv(tmp_path / "table.csv")
    encodings = {"space.date_encoding": {"choices": ["plain", "fine", "daily"]}}

    def n_inputs(kind: str) -> dict[DateEncoding, int]:
        """Return them as a search has them; a learning curve makes as many."""
        config = study(tmp_path / "table.csv", **encodings, **{"columns.when": kind})
        known = read_known(config)
        (fold,) = known.sets.folds
        searched = variants(prepare_data(config))
        for choices, data in searched.items():
            assert_same_inputs(known.fitted_on(fold.train, fold.dev, choices), data)
        return {choices.date_encoding: data.X_train.shape[1] for choices, data in searched.items()}

    plain, fine, daily = (n_inputs("ignore")[encoding] for encoding in DateEncoding)
    assert daily == fine + 10 > plain + 10
    plain, fine, daily = (n_inputs("time")[encoding] for encoding in DateEncoding)
    assert daily == fine > plain


def test_after_reading_test_cells_are_under_the_seal_and_nowhere_else(tmp_path: Path) -> None:
    frame = table()
    telltale = "telltale"
    frame.write_csv(tmp_path / "table.csv")
    table(1, 30).with_columns(color=pl.lit(telltale)).write_csv(tmp_path / "test.csv")
    prepared = prepare_data(study(tmp_path / "table.csv", **{"data.test_table": str(tmp_path / "test.csv")}))
    gc.collect()
    holding = [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, pl.DataFrame)
        and any(column.dtype == pl.String and telltale in column for column in thing)
    ]
    assert prepared.split.test is not None
    (sealed,) = holding
    assert any(type(owner).__name__ == "Examples" for owner in gc.get_referrers(sealed))


def test_a_log_target_is_learned_as_such_and_refused_of_what_has_none(path: Path, tmp_path: Path) -> None:
    data = prepare_data(study(path, **{"data.log_target": True})).train_dev
    _, split, _ = read_and_split(study(path))
    logarithms = np.log(split.known.y[split.folds[0].train])
    np.testing.assert_allclose(
        data.y_train[:, 0], (logarithms - logarithms.mean()) / logarithms.std(), rtol=1e-4, atol=1e-5
    )
    assert (data.log_target_mean, data.target_deviation) == pytest.approx(
        (logarithms.mean(), logarithms.std())
    )
    table().with_columns(price=pl.col("price") - 100).write_csv(tmp_path / "losses.csv")
    with pytest.raises(
        BadInputError,
        match=r"losses\.csv: line .*: expected targets above 0 for a logarithm \(data\.log_target\), got -",
    ):
        prepare_data(study(tmp_path / "losses.csv", **{"data.log_target": True}))


SCALES = {"space.target_scale": {"choices": ["standard", "log"]}}


@pytest.mark.parametrize("flags", [{}, {"split.folds": 3}, {"model.kind": "boosting"}], ids=str)
def test_a_target_on_another_scale_is_what_a_study_of_that_scale_has(
    path: Path, flags: dict[str, object]
) -> None:
    prepared = prepare_data(study(path, **SCALES, **flags))
    alone = {
        scale: prepare_data(study(path, **flags, **{"data.log_target": scale is TargetScale.LOG}))
        for scale in TargetScale
    }
    assert {choices.target_scale for choices in prepared.trial_data.folds_by_inputs} == set(TargetScale)
    assert [note for note in prepared.notes if "logarithm" in note] == []
    for choices, folds in prepared.trial_data.folds_by_inputs.items():
        of_scale = alone[choices.target_scale]
        for data, expected in zip(folds, of_scale.trial_data.folds_by_inputs[choices], strict=True):
            assert_same_inputs(data, expected)
            assert (data.target_deviation, data.log_target_mean) == (
                expected.target_deviation,
                expected.log_target_mean,
            )
        scaling = of_scale.preparations[choices].target_scaling
        assert prepared.preparations[choices].target_scaling == scaling
        baselines = of_scale.baselines[choices.target_scale]
        assert prepared.baselines[choices.target_scale].choices == baselines.choices
        assert_same_inputs(prepared.baselines[choices.target_scale].folds[0], baselines.folds[0])
        for data, expected in zip(
            prepared.first_folds_on(choices.target_scale), of_scale.trial_data.first_folds, strict=True
        ):
            assert_same_inputs(data, expected)
        if prepared.refit_data is not None and of_scale.refit_data is not None:
            pairs = zip(
                prepared.refit_data.folds_by_inputs[choices],
                of_scale.refit_data.folds_by_inputs[choices],
                strict=True,
            )
            for data, expected in pairs:
                assert_same_inputs(data, expected)
    standard, log = (folds[0] for folds in prepared.trial_data.folds_by_inputs.values())
    assert standard.X_train is log.X_train, "inputs take memory once"


def test_inputs_that_read_the_target_read_it_on_its_scale(tmp_path: Path) -> None:
    many = pl.Series("key", [f"K{row % 80}" for row in range(N)])
    table().with_columns(many).write_csv(tmp_path / "many.csv")
    flags = {"space.high_cardinality_encoding": "target_statistics", "columns.key": "categorical"}
    prepared = prepare_data(study(tmp_path / "many.csv", **flags, **SCALES))
    alone = prepare_data(study(tmp_path / "many.csv", **flags, **{"data.log_target": True}))
    standard, log = (folds[0] for folds in prepared.trial_data.folds_by_inputs.values())
    assert not np.array_equal(standard.X_train, log.X_train)
    assert_same_inputs(log, alone.train_dev)


def test_a_logarithm_that_there_is_none_of_is_left_out_with_a_note(tmp_path: Path) -> None:
    free = table().with_columns(price=pl.col("price") * (pl.int_range(N) % 5).sign())
    free.write_csv(tmp_path / "zero.csv")
    prepared = prepare_data(study(tmp_path / "zero.csv", **SCALES))
    assert {choices.target_scale for choices in prepared.trial_data.folds_by_inputs} == {TargetScale.STANDARD}
    assert not prepared.has_logarithm
    note = "the logarithm of price is not tried: it needs numbers above 0, and the least is 0"
    assert note in prepared.notes
    assert note not in prepare_data(study(tmp_path / "zero.csv")).notes
    with pytest.raises(BadInputError, match=r"zero\.csv: line .*above 0 .*\(space\.target_scale\), got 0"):
        prepare_data(study(tmp_path / "zero.csv", **{"space.target_scale": "log"}))


def test_what_people_should_hear_is_noted(tmp_path: Path) -> None:
    frame = table().with_columns(
        key=pl.Series([f"K{row}" for row in range(N)]),
        same=pl.lit("one"),
        price=pl.when(pl.int_range(N) < 5).then(None).otherwise(pl.col("price")),
    )
    frame.vstack(frame.tail(1)).write_csv(tmp_path / "table.csv")
    notes = prepare_data(study(tmp_path / "table.csv")).notes
    assert notes[0] == "5 rows without a price are left out"
    assert notes[1].startswith("2 of 196 rows have the same features as another row; they are kept together")
    assert any(note.startswith("column 'same' is left out: ") for note in notes)


def test_how_the_target_was_understood_is_noted_unless_the_task_is_said(tmp_path: Path) -> None:
    frame = table().with_columns(price=pl.int_range(N) % 10 + 1)
    frame.write_csv(tmp_path / "table.csv")
    (note,) = prepare_data(study(tmp_path / "table.csv")).notes
    assert note.startswith("target 'price' is predicted as a number (regression): 10 evenly spaced whole")
    for task in Task:
        said = prepare_data(study(tmp_path / "table.csv", **{"data.task": task}))
        assert (said.notes, said.split.task) == ((), task)


def test_the_stored_task_decides_how_the_same_cells_are_read_again(tmp_path: Path) -> None:
    """A target that is spelled anew has the same fingerprint, but would tell another task."""
    config = study(tmp_path / "table.csv")
    table().with_columns(price=pl.int_range(N) % 3).write_csv(tmp_path / "table.csv")
    begun = prepare_data(config)
    stored = begun.resolved(config)
    table().with_columns(price=(pl.int_range(N) % 3).cast(pl.Float64)).write_csv(tmp_path / "table.csv")
    assert prepare_data(config).split.task is Task.REGRESSION
    again = prepare_data(stored)
    assert again.split.known_fingerprint == begun.split.known_fingerprint
    assert (again.split.task, again.split.class_names) == (Task.CLASSIFICATION, begun.split.class_names)
    assert again.notes == ()


def test_classes_of_similar_names_are_warned_of(tmp_path: Path) -> None:
    prices = pl.Series(["low", "high", "Low", "high"] * (N // 4))
    table().with_columns(price=prices).write_csv(tmp_path / "table.csv")
    prepared = prepare_data(study(tmp_path / "table.csv", **{"split.no_test": True}))
    (warning,) = prepared.warnings
    assert warning == (
        "classes that differ only in case or blanks, with their known examples: 'Low' (50) and 'low' (50);"
        " they count as different classes; if they mean the same, spell them alike in the file"
    )
    assert prepare_data(study(tmp_path / "table.csv", **{"data.target": "color"})).warnings == ()


def test_images_keep_all_their_pixels_and_other_shapes_are_refused(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 9, size=(60, 6)).astype(float)
    pixels[:, 2] = 0
    frame = pl.DataFrame(pixels, schema=[f"pixel_{n}" for n in range(6)])
    frame.with_columns(price=pl.Series(pixels.sum(axis=1) + 0.5)).write_csv(tmp_path / "table.csv")
    whole = prepare_data(study(tmp_path / "table.csv", **{"data.image_shape": [2, 3]}))
    assert whole.train_dev.X_train.shape[1] == 6
    assert prepare_data(study(tmp_path / "table.csv")).train_dev.X_train.shape[1] == 5
    augmented = [{"model": "linear"}, {"model": "network", "space": {"shift_fraction": 0.1}}]
    # A contest's kinds may share their inputs.
    contest = prepare_data(study(tmp_path / "table.csv", contest=augmented))
    assert contest.train_dev.X_train.shape[1] == 6
    with pytest.raises(BadInputError, match=r"data\.image_shape: expected height .* = 6, .* got 3 \* 3 \* 1"):
        prepare_data(study(tmp_path / "table.csv", **{"data.image_shape": [3, 3]}))


def test_the_examples_are_in_the_same_sets_in_another_order(path: Path, tmp_path: Path) -> None:
    frame = table()
    shuffled = frame[np.random.default_rng(4).permutation(N)].select(reversed(frame.columns))
    shuffled.write_parquet(tmp_path / "shuffled.parquet")
    one, other = prepare_data(study(path)), prepare_data(study(tmp_path / "shuffled.parquet"))
    assert one.test_fingerprint == other.test_fingerprint
    assert one.split.known_fingerprint == other.split.known_fingerprint
    assert sorted(one.train_dev.y_dev[:, 0].tolist()) == pytest.approx(
        sorted(other.train_dev.y_dev[:, 0].tolist())
    )


def assert_same_inputs(one: TrainDevData, other: TrainDevData) -> None:
    assert one.n_categories == other.n_categories
    assert one.numeric_features == other.numeric_features
    for name in ("X_train", "y_train", "X_dev", "y_dev"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_raw_inputs_are_made_once_with_their_categories(path: Path) -> None:
    config = with_raw_inputs(study(path))
    prepared, known = prepare_data(config), read_known(config)
    assert set(prepared.trial_data.folds_by_inputs) == {RAW}
    assert set(prepared.preparations) == set(prepared.known_sets) == {RAW, InputChoices()}
    (baselines,) = prepared.baselines.values()
    assert baselines.choices == InputChoices(), "linear baselines know no missing cells"
    assert np.isfinite(baselines.folds[0].X_train).all()
    data, (fold,) = prepared.train_dev, prepared.split.folds
    assert prepared.preparations[RAW].transformation.input_names == (
        *("size", "new", "sold (days)", "sold (day of year)", "sold (weekday)", "color"),
    )
    assert data.n_categories == (0, 0, 0, 0, 0, 3)
    assert np.isnan(data.X_train[:, 0]).any()
    assert np.isfinite(data.X_train[:, 1:]).all()
    assert data.X_train is prepared.known_sets[RAW]["train"].X
    assert_same_inputs(known.fitted_on(fold.train, fold.dev, RAW), data)
    assert prepare_data(study(path)).train_dev.n_categories == ()


def test_each_fold_says_which_of_its_own_inputs_are_numbers(tmp_path: Path) -> None:
    n, other = 60, 11
    frame = pl.DataFrame(
        {
            "color": [("red", "blue")[row % 2] for row in range(n)],
            "rare": [1.5 if row == other else 0.0 for row in range(n)],
            "size": [row * 0.37 % 5 for row in range(n)],
            "price": [row * 1.25 for row in range(n)],
        }
    )
    frame.write_csv(tmp_path / "table.csv")
    prepared = prepare_data(study(tmp_path / "table.csv", **{"split.folds": 3}))
    folds = prepared.trial_data.first_folds
    assert prepared.refit_data is not None
    assert prepared.refit_data.first_folds[0].numeric_features == (0, 1)
    # The one row with another number is in the dev set of one fold, which leaves its column out.
    assert {(data.numeric_features, data.X_train.shape[1]) for data in folds} == {((0,), 3), ((0, 1), 4)}


def test_raw_inputs_of_folds_are_each_fitted_on_their_own_train_part(path: Path) -> None:
    config = with_raw_inputs(study(path, **{"split.folds": 3}))
    prepared, known = prepare_data(config), read_known(config)
    for data, fold in zip(prepared.trial_data.first_folds, prepared.split.folds, strict=True):
        assert_same_inputs(data, known.fitted_on(fold.train, fold.dev, RAW))
    assert prepared.refit_data is not None
    assert prepared.refit_data.first_folds[0].n_categories == (0, 0, 0, 0, 0, 3)


def test_whatever_dev_cells_hold_raw_train_inputs_are_the_same(path: Path, tmp_path: Path) -> None:
    found = []
    for cells in ("1.5,red,yes,2024-01-02,7", "1e300,violet,,2090-01-01,99999999", "-inf,,no,NA,3"):
        rows = "".join(f"{cells}{row}\n" for row in range(30))
        (tmp_path / "dev.csv").write_text(f"size,color,new,sold,price\n{rows}")
        config = study(path, **{"data.dev_table": str(tmp_path / "dev.csv"), "split.train_dev": "never"})
        found.append(prepare_data(with_raw_inputs(config)))
    first = found[0]
    for other in found[1:]:
        np.testing.assert_array_equal(other.train_dev.X_train, first.train_dev.X_train)
        assert other.train_dev.n_categories == first.train_dev.n_categories
        one, another = (it.preparations[RAW].transformation for it in (first, other))
        assert one.description() == another.description()
        for name, array in one.arrays().items():
            np.testing.assert_array_equal(array, another.arrays()[name])
    violet, missing = (np.isnan(other.train_dev.X_dev).any(axis=0).tolist() for other in found[1:])
    assert violet == [False, True, False, False, False, True]  # unseen categories are as missing ones
    assert missing == [False, False, True, True, True, True]


def test_a_cell_of_another_kind_is_a_missing_raw_input_and_counted(path: Path) -> None:
    preparation = prepare_data(with_raw_inputs(study(path))).preparations[RAW]
    rows = table(1, 4).drop("price").with_columns(size=pl.Series(["1.5", "large", "2", None]))
    X, n_faulty = preparation.lenient_inputs(rows)
    np.testing.assert_array_equal(X[:, 0], np.array([1.5, np.nan, 2, np.nan], dtype=np.float32))
    assert {name: n for name, n in n_faulty.items() if n} == {"size": 1}


def test_raw_inputs_of_csv_and_parquet_are_the_same(path: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    frame = table().with_columns(
        far=pl.Series(1e12 + rng.normal(scale=100, size=N).round(2)),
        sold=pl.col("sold").str.to_date(),
        new=pl.col("new") == "yes",
        street=pl.Series([None if n < 5 else f"street {n}" for n in rng.integers(0, 40, N)]),
    )
    frame.write_csv(path)
    frame.write_parquet(tmp_path / "table.parquet")
    one, other = (prepare_data(with_raw_inputs(study(it))) for it in (path, tmp_path / "table.parquet"))
    assert_same_inputs(one.train_dev, other.train_dev)
    names = one.preparations[RAW].transformation.input_names
    assert names == other.preparations[RAW].transformation.input_names
    far = one.train_dev.X_train[:, names.index("far")]
    assert len(np.unique(far)) > 100
