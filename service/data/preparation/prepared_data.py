"""A study's data, ready: read, split, its test set sealed, made into inputs by the train set's statistics."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from search_spaces.counted import counted
from search_spaces.input_choices import DateEncoding, InputChoices, Representation, TargetScale
from service.configuration.data_config import MissingTargets
from service.configuration.study_config import ResolvedStudy, StudyConfig, resolve
from service.configuration.target_scale import insistence, is_left_out, regression_space
from service.data.inputs.transformation import effective_choices
from service.data.preparation.dev_examples import DevExamples, dev_examples
from service.data.preparation.own_model import model_source
from service.data.preparation.preparation import (
    FittedPreparation,
    Preparation,
    TargetScaling,
    fit_preparation,
    fit_target_scaling,
    scaled_targets,
)
from service.data.preparation.space_fit import changes_images
from service.data.preparation.train_dev import decide_train_dev
from service.errors import BadInputError
from service.seal.assignment import Fold
from service.seal.split_decisions import TrainDevDecision
from service.seal.splits import Split, split, with_train_dev
from service.tables.column_inference import InferredTable, inferred_table
from service.tables.column_kinds import ColumnKind
from service.tables.files.csv_dialect import CsvDialect
from service.tables.table import Table, TableOptions, load_table
from service.tables.targets import SIMILAR_NAMES_REMEDY, similar_names
from workers.model_source import ModelSource
from workers.train_dev_data import Task, TrainDevData
from workers.trial_data import TrialData


class LabelledInputs(NamedTuple):
    """A set as a model reads it: inputs float32 (n_examples, n_inputs), and targets in the table's unit.

    `units` are numbers that rows share which came as one (n_examples,); None where each row came by itself.
    """

    X: NDArray[np.float32]
    y: NDArray[np.int64] | NDArray[np.float64]
    units: NDArray[np.intp] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BaselineInputs:
    """What baselines are fitted on, finite numbers alone.

    Attributes
    ----------
    choices
        Those of the point that is tried first; or, where it reads raw inputs, those that networks have by
        default; with a scale of the target.
    folds
        The train and dev sets, as in the trials' data.
    refit
        All known examples as one train set, where there are folds.
    """

    choices: InputChoices
    folds: tuple[TrainDevData, ...]
    refit: TrainDevData | None


@dataclass(frozen=True, slots=True, eq=False)
class PreparedData:
    """What a study is run on.

    Attributes
    ----------
    target
        Name of what is predicted.
    told
        What each column but the target holds.
    split
        The sets; the test set is sealed, and of the known examples only the dev set's cells are kept.
    preparations
        For later predictions, by the choice of inputs, that of the point tried first at the front: fitted on
        the train set, or on all known examples where there are folds.
    fold_preparations
        By the choice of inputs, one a fold, each fitted on the fold's train set.
    known_sets
        By the choice of inputs, then by the set's name: `train` and, without folds, `dev`; `train-dev` where
        there is one.
    trial_data
        What workers receive.
    baselines
        What baselines, and the models that the noise floor is estimated with, are fitted on, by the scale of
        the target that the winner learned.
    refit_data
        All known examples as one train set, where there are folds; else None.
    dev_examples
        The dev set's rows and cells, to look up what the winner gets wrong; None where there are folds.
    n_without_target
        Rows that were left out.
    target_notes
        What people should hear of how the target was understood, in sentences.
    """

    target: str
    told: InferredTable
    split: Split
    preparations: Mapping[InputChoices, Preparation]
    fold_preparations: Mapping[InputChoices, tuple[Preparation, ...]]
    known_sets: Mapping[InputChoices, Mapping[str, LabelledInputs]]
    trial_data: TrialData
    baselines: Mapping[TargetScale, BaselineInputs]
    refit_data: TrialData | None
    dev_examples: DevExamples | None
    n_without_target: int
    target_notes: tuple[str, ...]

    @property
    def n_examples(self) -> dict[str, int]:
        """Number of examples by set."""
        return self.split.n_examples

    @property
    def test_fingerprint(self) -> str | None:
        """The name of the test set; None where there is none."""
        return None if self.split.test is None else self.split.test.fingerprint

    @property
    def first_choices(self) -> InputChoices:
        """The choice of inputs of the point that is tried first."""
        return next(iter(self.preparations))

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the data, in sentences; empty if there is nothing unusual."""
        notes = []
        if self.n_without_target:
            are = "is" if self.n_without_target == 1 else "are"
            rows = counted(self.n_without_target, "row")
            notes.append(f"{rows} without a {self.target} {are} left out")
        notes += self.target_notes
        notes += self.split.notes
        notes += [
            f"column {told.column.name!r} is read as {told.column.kind}: {told.reason}"
            for told in self.told.columns
            if told.reason
        ]
        dropped = self.preparations[self.first_choices].transformation.dropped
        notes += [f"column {name!r} is left out: {reason}" for name, reason in dropped.items()]
        return tuple(notes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings to act on before believing a figure, in sentences."""
        similar = similar_names(self.split.class_names, self.split.known.y)
        return (f"{similar}; {SIMILAR_NAMES_REMEDY}",) if similar else ()

    @property
    def train_dev(self) -> TrainDevData:
        """Train and dev set of the first fold, with the inputs of the point that is tried first."""
        return self.trial_data.first_folds[0]

    @property
    def has_logarithm(self) -> bool:
        """Whether a number is predicted, and all that is known of it is above 0."""
        return _has_logarithm(self.split)

    def first_folds_on(self, scale: TargetScale) -> tuple[TrainDevData, ...]:
        """Return the folds with the inputs that were given first, and the targets on a scale.

        Parameters
        ----------
        scale
            Of a regression; in classification there is one.
        """
        return tuple(
            _on_scale(data, self.split, fold, scale)[0]
            for data, fold in zip(self.trial_data.first_folds, self.split.folds, strict=True)
        )

    @property
    def own_model(self) -> ModelSource | None:
        """The source of the user's own model; None of another kind."""
        return self.train_dev.own_model

    @property
    def has_dates(self) -> bool:
        """Whether a date is learned from."""
        return any(column.kind is ColumnKind.DATE for column in self.told.learned_from)

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Number of train examples of each class, 0 for one that the train set lacks; empty in regression."""
        counts = self.train_dev.class_counts
        return () if counts is None else tuple(counts.tolist())

    def resolved(self, config: StudyConfig) -> ResolvedStudy:
        """Fix what a new study of these data leaves open: see `resolve`."""
        return resolve(
            config,
            task=self.split.task,
            class_counts=self.class_counts,
            has_dates=self.has_dates,
            has_logarithm=self.has_logarithm,
        )


def prepare_data(config: StudyConfig, *, decided: TrainDevDecision | None = None) -> PreparedData:
    """Read a study's tables, split them, and make inputs; the table itself is not kept.

    Parameters
    ----------
    config
        The study.
    decided
        Of a study that goes on, what it was begun with: what was decided about a train-dev set.

    Raises
    ------
    BadInputError
        When there is no such table, or it is not one that can be learned from.
    """
    return read_known(config, decided=decided).prepared()


def read_known(config: StudyConfig, *, decided: TrainDevDecision | None = None) -> "KnownInputs":
    """Read a study's tables and split them as `prepare_data` does, to make inputs of some of the known.

    Parameters
    ----------
    config, decided
        As for `prepare_data`.

    Raises
    ------
    BadInputError
        As for `prepare_data`.
    """
    table, sets, told = read_and_split(config, decided=decided)
    dev = dev_examples(table, sets, told, seed=config.seed)
    return KnownInputs(config, table.without_cells(), sets, told, dev)  # inputs take the memory of cells


def prepare_table(table: Table, config: StudyConfig) -> PreparedData:
    """Split a table that is in memory already, and make inputs, as `prepare_data` does with a file's.

    Raises
    ------
    BadInputError
        The table is not one that can be learned from.
    """
    _, sets, told = split_table(table, config)
    return prepare_split(table, config, sets, told)


def prepare_split(table: Table, config: StudyConfig, sets: Split, told: InferredTable) -> PreparedData:
    """Make inputs of a table in memory that is split already.

    Parameters
    ----------
    table, sets, told
        What `split_table` returns.
    config
        The study.

    Raises
    ------
    BadInputError
        As for `prepare_table`.
    """
    dev = dev_examples(table, sets, told, seed=config.seed)
    return KnownInputs(config, table, sets, told, dev).prepared()


def read_and_split(
    config: StudyConfig, *, decided: TrainDevDecision | None = None
) -> tuple[Table, Split, InferredTable]:
    """Read a study's tables, split them, and infer what the columns of the known examples hold.

    Parameters
    ----------
    config, decided
        As for `prepare_data`.

    Raises
    ------
    BadInputError
        When there is no such table, or it is not one that can be learned from.
    """
    data = config.data
    further = [name for name in (data.dev_table, data.test_table) if name is not None]
    return split_table(load_table(data.table, *further, options=_options(config)), config, decided)


def split_table(
    table: Table, config: StudyConfig, decided: TrainDevDecision | None = None
) -> tuple[Table, Split, InferredTable]:
    """Split a table, and infer what the columns of the known examples hold.

    Parameters
    ----------
    table
        The table.
    config
        The study.
    decided
        What was decided of a train-dev set when the study began; None where it begins now.

    Raises
    ------
    BadInputError
        The table is not one that can be learned from.
    """
    data = config.data
    sets = split(
        table,
        config.split,
        seed=config.seed,
        has_dev_file=data.dev_table is not None,
        has_test_file=data.test_table is not None,
    )
    rows = sets.known.rows
    _check_logarithm(table, sets, config)
    told = inferred_table(
        table.features_of(rows),
        said=table.said,
        missing=table.missing,
        decimal_comma=table.decimal_comma,
        place=lambda row, name: table.place(int(rows[row]), name),
    )
    if data.image_shape is not None or any(map(changes_images, config.spaces)):
        told = told.with_images()
    if told.values.width == 0:
        raise BadInputError(
            f"{table.files[0].path}: expected a column to learn from, got none besides the target"
        )
    if data.dev_table is not None:
        decision = decided or _decided(table, sets, told, config)
        sets = with_train_dev(sets, table, config.split, decision, seed=config.seed)
    return table, sets, told


def _check_logarithm(table: Table, sets: Split, config: StudyConfig) -> None:
    """Refuse a target without a logarithm where nothing else may be learned of it."""
    key = insistence(config.spaces, log_target=config.data.log_target)
    if key is None or _has_logarithm(sets):
        return
    if sets.task is Task.CLASSIFICATION:
        raise BadInputError(f"{key}: expected a numeric target, got classes")
    row = int(sets.known.rows[np.argmin(sets.known.y)])
    raise BadInputError(
        f"{table.place(row, table.target_name)}: expected targets above 0 for a logarithm ({key}), got"
        f" {table.y[row]:g}"
    )


def searched_choices(config: StudyConfig, sets: Split) -> tuple[InputChoices, ...]:
    """Return the choices that a study's points may ask for once it is resolved, the default point's first.

    Parameters
    ----------
    config
        The study.
    sets
        What its table was split into.
    """
    space = config.space
    if sets.task is Task.CLASSIFICATION:
        return space.without(space.fields.only_numbers_have).input_choices()
    log_target, has_logarithm = config.data.log_target, _has_logarithm(sets)
    return regression_space(space, log_target=log_target, has_logarithm=has_logarithm).input_choices()


def _has_logarithm(sets: Split) -> bool:
    return sets.task is Task.REGRESSION and bool(sets.known.y.min() > 0)


def _decided(table: Table, sets: Split, told: InferredTable, config: StudyConfig) -> TrainDevDecision:
    """Decide about a train-dev set by the known examples, none of which has been set aside yet."""
    (fold,) = sets.folds
    is_dev = np.zeros(len(sets.known), dtype=np.bool_)
    is_dev[fold.dev] = True
    return decide_train_dev(
        config.split.train_dev,
        sets.known,
        is_dev,
        values=told.values,
        target=table.target_name,
        seed=config.seed,
    )


def _options(config: StudyConfig) -> TableOptions:
    data = config.data
    return TableOptions(
        target=data.target,
        task=data.task,
        said=config.columns,
        missing=data.missing,
        dialect=CsvDialect(
            delimiter=data.delimiter, encoding=data.encoding, decimal_comma=data.decimal_comma
        ),
        sheet=data.sheet,
        refuses_missing_targets=data.missing_target is MissingTargets.REFUSE,
    )


def choices_by_split(choices: InputChoices, told: InferredTable) -> InputChoices:
    """Return the choices as they are for a table's split.

    Where sets are split by time, no later row is of a train row's day: dates have no input for each.
    """
    is_by_time = any(column.kind is ColumnKind.TIME for column, _ in told.columns)
    if is_by_time and choices.date_encoding is DateEncoding.DAILY:
        return choices._replace(date_encoding=DateEncoding.FINE)
    return choices


class _Variant(NamedTuple):
    """All that is made of the known examples for one choice of inputs."""

    preparation: Preparation
    fold_preparations: tuple[Preparation, ...]
    known_sets: Mapping[str, LabelledInputs]
    folds: tuple[TrainDevData, ...]
    refit: TrainDevData | None


class KnownInputs:
    """Makes the arrays of a study from its known examples.

    Parameters
    ----------
    config
        The study.
    table
        Its table; the cells are not read.
    sets
        The table's sets.
    told
        What the columns hold, with the values of the known examples.
    dev
        The dev set's rows and cells; None where there are folds.

    Raises
    ------
    BadInputError
        The user's own model cannot be read: see `service.data.preparation.own_model`.
    """

    def __init__(
        self, config: StudyConfig, table: Table, sets: Split, told: InferredTable, dev: DevExamples | None
    ) -> None:
        self._config, self._table, self._sets, self._told, self._dev = config, table, sets, told, dev
        self._own_model = model_source(config)

    @property
    def sets(self) -> Split:
        """The table's sets."""
        return self._sets

    def first_fold(self, choices: InputChoices) -> TrainDevData:
        """Make the inputs of the first fold's train and dev set, for a choice of inputs.

        Raises
        ------
        BadInputError
            As for `fitted_on`.
        """
        fold = self._sets.folds[0]
        return self.fitted_on(fold.train, fold.dev, choices)

    def fitted_on(
        self, train: NDArray[np.int64], dev: NDArray[np.int64], choices: InputChoices
    ) -> TrainDevData:
        """Make the inputs of some train and dev examples, fitted on these train examples and nothing else.

        The kind of a column stays as inferred from all known examples.

        Parameters
        ----------
        train, dev
            Positions among the known examples.
        choices
            Which inputs are made.

        Raises
        ------
        BadInputError
            In these train examples there is no column that anything can be learned from.
        """
        return self._train_dev_data(self._fit(train, choices), dev)

    def prepared(self) -> PreparedData:
        """Make all that a study is run on."""
        made: dict[InputChoices, _Variant] = {}
        variants: dict[InputChoices, _Variant] = {}
        kinds = {column.name: column.kind for column in self._told.learned_from}
        searched = searched_choices(self._config, self._sets)
        # Linear baselines know no missing cells and no categories.
        beside = searched[0] if searched[0].representation is Representation.SCALED else InputChoices()
        scales = dict.fromkeys(choices.target_scale for choices in searched)
        of_baselines = {scale: beside._replace(target_scale=scale) for scale in scales}
        for choices in dict.fromkeys((*searched, *of_baselines.values())):
            effective = effective_choices(
                self._told.values,
                kinds=kinds,
                choices=choices_by_split(choices, self._told),
                train_sets=self._train_sets,
            )
            if effective not in made:
                made[effective] = self._variant(effective, made)
            variants[choices] = made[effective]
        self._check_image_shape(made.values())
        refits = {
            choices: (one.refit,)
            for choices, one in variants.items()
            if one.refit is not None and choices in searched
        }
        return PreparedData(
            target=self._table.target_name,
            told=self._told.without_values(),
            split=self._sets,
            preparations={choices: one.preparation for choices, one in variants.items()},
            fold_preparations={choices: one.fold_preparations for choices, one in variants.items()},
            known_sets={choices: one.known_sets for choices, one in variants.items()},
            trial_data=TrialData({choices: variants[choices].folds for choices in searched}),
            baselines={
                scale: BaselineInputs(choices, variants[choices].folds, variants[choices].refit)
                for scale, choices in of_baselines.items()
            },
            refit_data=TrialData(refits) if refits else None,
            dev_examples=self._dev,
            n_without_target=self._table.n_without_target,
            target_notes=(*self._table.target_notes, *self._notes_on_scale()),
        )

    @property
    def _train_sets(self) -> list[NDArray[np.int64]]:
        """The train set of each fold, and all known examples where there are several."""
        of_folds = [fold.train for fold in self._sets.folds]
        return of_folds if len(of_folds) == 1 else [*of_folds, np.arange(len(self._sets.known))]

    def _notes_on_scale(self) -> Iterator[str]:
        sets, log_target = self._sets, self._config.data.log_target
        if sets.task is Task.REGRESSION and is_left_out(
            self._config.space, log_target=log_target, has_logarithm=_has_logarithm(sets)
        ):
            yield (
                f"the logarithm of {self._table.target_name} is not tried: it needs numbers above 0, and the"
                f" least is {sets.known.y.min():g}"
            )

    def _variant(self, choices: InputChoices, made: Mapping[InputChoices, _Variant]) -> _Variant:
        """Make all for a choice, from another one's where they differ by nothing but the target's scale."""
        for others, variant in made.items():
            if (
                others._replace(target_scale=choices.target_scale) == choices
                and not variant.preparation.reads_targets
            ):
                return self._on_scale(variant, choices.target_scale)
        sets = self._sets
        known = sets.known
        fitted = [self._fit(fold.train, choices) for fold in sets.folds]
        folds = tuple(
            self._train_dev_data(one, fold.dev) for one, fold in zip(fitted, sets.folds, strict=True)
        )
        refit = None
        if len(folds) == 1:
            last, (data,), (fold,) = fitted[0], folds, sets.folds
            known_sets = {
                "train": self._labelled(data.X_train, fold.train),
                "dev": self._labelled(data.X_dev, fold.dev),
            }
        else:
            all_known = np.arange(len(sets.known))
            last = self._fit(all_known, choices)
            refit = self._train_dev_data(last, all_known[:0])
            known_sets = {"train": LabelledInputs(last.X_train, known.y, known.units)}
        if sets.train_dev is not None:
            X = last.preparation.transformation.apply(self._told.values[sets.train_dev])
            known_sets["train-dev"] = self._labelled(X, sets.train_dev)
        of_folds = tuple(one.preparation for one in fitted)
        return _Variant(last.preparation, of_folds, known_sets, folds, refit)

    def _on_scale(self, variant: _Variant, scale: TargetScale) -> _Variant:
        """Return the same inputs, which take memory once, with the targets on another scale."""
        sets, refit = self._sets, variant.refit
        pairs = [
            _on_scale(data, sets, fold, scale) for data, fold in zip(variant.folds, sets.folds, strict=True)
        ]
        of_folds = tuple(
            replace(preparation, target_scaling=scaling)
            for preparation, (_, scaling) in zip(variant.fold_preparations, pairs, strict=True)
        )
        preparation = of_folds[0]
        if refit is not None:
            everything = np.arange(len(sets.known))
            refit, scaling = _on_scale(refit, sets, Fold(everything, everything[:0]), scale)
            preparation = replace(variant.preparation, target_scaling=scaling)
        folds = tuple(data for data, _ in pairs)
        return _Variant(preparation, of_folds, variant.known_sets, folds, refit)

    def _labelled(self, X: NDArray[np.float32], positions: NDArray[np.int64]) -> LabelledInputs:
        known = self._sets.known
        return LabelledInputs(X, known.y[positions], None if known.units is None else known.units[positions])

    def _fit(self, train: NDArray[np.int64], choices: InputChoices) -> FittedPreparation:
        sets = self._sets
        return fit_preparation(
            self._told.values,
            sets.known.y[train],
            columns=self._told.learned_from,
            task=sets.task,
            n_classes=len(sets.class_names),
            choices=choices_by_split(choices, self._told),
            seed=self._config.seed,
            rows=train,
        )

    def _train_dev_data(self, fitted: FittedPreparation, dev: NDArray[np.int64]) -> TrainDevData:
        sets, preparation = self._sets, fitted.preparation
        scaling = preparation.target_scaling
        return TrainDevData(
            task=sets.task,
            X_train=fitted.X_train,
            y_train=fitted.y_train,
            X_dev=preparation.transformation.apply(self._told.values[dev]),
            y_dev=scaled_targets(sets.known.y[dev], scaling),
            n_outputs=len(sets.class_names) or 1,
            **_unit_of(scaling),
            image_shape=self._config.data.image_shape,
            n_categories=preparation.transformation.n_categories,
            numeric_features=preparation.transformation.numeric_inputs,
            own_model=self._own_model,
        )

    def _check_image_shape(self, variants: Iterable[_Variant]) -> None:
        shape = self._config.data.image_shape
        if shape is None:
            return
        n_inputs = {data.X_train.shape[1] for variant in variants for data in variant.folds}
        for found in n_inputs - {prod(shape)}:
            raise BadInputError(
                f"data.image_shape: expected height * width * channels = {found}, the number of inputs, got"
                f" {' * '.join(map(str, shape))} ({self._config.data.table})"
            )


class _Unit(TypedDict):
    """What brings standardised targets into their unit, as `TrainDevData` has it."""

    target_deviation: float
    log_target_mean: float | None


def _unit_of(scaling: TargetScaling | None) -> _Unit:
    if scaling is None:
        return _Unit(target_deviation=1.0, log_target_mean=None)
    return _Unit(target_deviation=scaling.deviation, log_target_mean=scaling.mean if scaling.is_log else None)


def _on_scale(
    data: TrainDevData, sets: Split, fold: Fold, scale: TargetScale
) -> tuple[TrainDevData, TargetScaling | None]:
    """Return a fold's train and dev set with the targets on a scale, and how they are scaled."""
    known = sets.known.y
    if sets.task is Task.CLASSIFICATION:
        return data, None
    scaling = fit_target_scaling(known[fold.train].astype(np.float64), is_log=scale is TargetScale.LOG)
    y_train, y_dev = (scaled_targets(known[rows], scaling) for rows in (fold.train, fold.dev))
    return replace(data, y_train=y_train, y_dev=y_dev, **_unit_of(scaling)), scaling
