"""All that decides a study's result: its data, budget, search. Kept with the study, for resuming it.

Where a study runs (storage, workers, cluster) has no place here: see `service.configuration.launch_config`.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.derivation import derived_space
from search_spaces.input_choices import TargetScale
from search_spaces.presets import load_preset
from search_spaces.space import SearchSpace
from search_spaces.values import Number, WholeNumber, YesNo, found
from service.configuration.data_config import DataConfig, SplitConfig, TrainDevRule
from service.configuration.model_config import Model, ModelConfig, training_defaults
from service.configuration.search_config import (
    PrunerConfig,
    Sampler,
    SamplerConfig,
    default_concurrency,
    reason_against,
)
from service.configuration.target_scale import NAME as TARGET_SCALE
from service.configuration.target_scale import is_left_out, regression_space
from service.errors import BadInputError
from service.tables.said_column import Said
from workers.messages import TrainingRules, TrialLimits
from workers.metrics.metric import BALANCED, Metric, metrics_of
from workers.train_dev_data import Task

MOST_BALANCED_RATIO = 2
"""Classes are unbalanced where the most frequent is more than this many times as frequent as the least."""


class BudgetConfig(BaseModel):
    """Limits of the whole search; with `seconds`, the same seed may give another study."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    seconds: Number | None = Field(default=None, gt=0)
    """Start no more trials after this time of running, pauses left out (seconds); not reproducible."""

    epochs: WholeNumber | None = Field(default=None, ge=1)
    """Start no more trials after this many epochs, over all trials."""

    dev_metric: Number | None = None
    """End the search once a trial's metric on the dev set is this good."""

    no_gain_trials: WholeNumber | None = Field(default=None, ge=1)
    """End the search after this many trials without a new best."""


class ConfirmationConfig(BaseModel):
    """The best trials run again with other seeds; the winner has the best mean dev metric."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    finalists: WholeNumber = Field(default=5, ge=0, le=100)
    """Number of best trials to confirm; with 0 the best trial wins as it is."""

    seeds: WholeNumber = Field(default=2, ge=1, le=100)
    """Number of other seeds to train each of them with."""

    ensemble: YesNo = False
    """Whether to ship a weighted average of the best trials' and seeds' models, selected on the dev set."""

    refit: YesNo = False
    """With folds, whether to ship one model trained on all of them, not the average of the folds' models."""

    @property
    def most_runs(self) -> int:
        """Trainings that there are, where as many trials complete as there are finalists."""
        return self.finalists * self.seeds


class RoundsConfig(BaseModel):
    """Rounds of studies; each has the study's number of trials, and all share its budget."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    count: WholeNumber = Field(default=1, ge=1, le=99)
    """Most studies in a row; each diagnosis decides whether there is a next one, and where it searches."""


class TrialLimitsConfig(BaseModel):
    """Limits of a single trial. Where they end it depends on the machine, so no seed reproduces that."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    seconds: Number | None = Field(default=None, gt=0)
    """End a trial that runs longer than this (seconds); not reproducible."""

    memory_megabytes: WholeNumber | None = Field(default=None, ge=10)
    """End a trial that needs more memory than this (MB, without its data), if possible; not reproducible."""

    @property
    def of_trial(self) -> TrialLimits:
        """The limits as a worker knows them."""
        megabytes = self.memory_megabytes
        return TrialLimits(self.seconds, None if megabytes is None else megabytes * 10**6)


DEFAULT_SPACE = "default"
"""Name of the built-in search space of a study that names none."""


def _with_defaults_of_kind(written: object, info: ValidationInfo) -> object:
    """Fill in how long a model of the study's kind trains, where that is left out."""
    if not isinstance(written, dict):
        return written
    return training_defaults(info.data.get("model", ModelConfig()).trains_as) | written


def _validated_space(written: object, info: ValidationInfo) -> object:
    """Validate a space as one of the study's kind of model; where that was refused, not at all."""
    if "model" not in info.data:
        return ModelConfig().space_type({})
    space_type = info.data["model"].space_type
    return space_type.model_validate(derived_space(written, space_type))


_ROUND = re.compile(r"-round-(\d+)\Z")
"""How the name of a later round ends: see `round_name`."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class TrainingConfig(BaseModel):
    """How long a trial trains."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    max_epochs: WholeNumber = Field(default=60, ge=1)
    """Most epochs of a trial."""

    patience: WholeNumber = Field(default=10, ge=1)
    """Epochs without improvement on the dev set before a trial stops early."""

    min_gain: Number = Field(default=0.0, ge=0)
    """Smallest improvement of the watched metric that counts for patience, in its unit."""


def _default_space(validated: dict[str, Any]) -> SearchSpace:
    """Return the built-in space of the kind of model that has been validated, or of the default kind.

    The user's own has none, which is refused where the study is whole.
    """
    model: ModelConfig = validated.get("model", ModelConfig())
    if model.code is not None:
        return model.space_type({})
    return load_preset(model.space_type, DEFAULT_SPACE)


def _default_training(validated: dict[str, Any]) -> TrainingConfig:
    return TrainingConfig(**training_defaults(validated.get("model", ModelConfig()).trains_as))


_Space = Annotated[SearchSpace, BeforeValidator(_validated_space)]
_Training = Annotated[TrainingConfig, BeforeValidator(_with_defaults_of_kind)]


class Entrant(BaseModel):
    """A kind of model in a contest: what its study has of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    model: Model
    """What is trained."""

    space: _Space = Field(default_factory=_default_space)
    """Its search space; by default the study's, if that is a name or this is the first."""

    training: _Training = Field(default_factory=_default_training)
    """How long a trial trains; by default as in the study, else as the kind has it."""


def _of_kind(written: object) -> object:
    return {"model": written} if isinstance(written, str) else written


_Entrant = Annotated[Entrant, BeforeValidator(_of_kind, json_schema_input_type=str | Entrant)]
"""An entrant as it is written: the kind's name, or a table."""


def _with_entrants(written: dict[str, Any], *, is_first: bool) -> dict[str, Any]:
    """Give each entrant what the study says for all, and the study of the first one what is its own.

    A space that is written as a table has the hyperparameters of one kind: it is the first one's.
    """
    contest = written.get("contest")
    if not isinstance(contest, list) or not contest:
        return written
    said = {key: written[key] for key in ("space", "training") if key in written}
    shared = said if isinstance(said.get("space"), str) else {k: of for k, of in said.items() if k != "space"}
    entrants = [_of_kind(each) for each in contest]
    whole = [
        (shared if place else said) | each if isinstance(each, dict) else each
        for place, each in enumerate(entrants)
    ]
    first = whole[0] if isinstance(whole[0], dict) else {}
    own = {key: first[key] for key in ("space", "training") if key in first and is_first}
    model = {key: first[key] for key in ("model",) if key in first}
    return model | written | own | {"contest": whole}


class StudyConfig(BaseModel):
    """One study, frozen: the same configuration gives the same trials, winner and figures.

    Raises
    ------
    pydantic.ValidationError
        An unknown key, a value of the wrong type or outside its range, a contradiction in the space.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    may_be_later: ClassVar[bool] = False
    """Whether it may be a later one of several in a row, whose name and kind nobody gives by hand."""

    name: str
    """The study's name; by default the table's name."""

    seed: WholeNumber = Field(default=0, ge=0)
    """Seed of everything that is random: split, search, training."""

    search_seed: WholeNumber | None = Field(default=None, ge=0)
    """Seed of the search alone, for another search on the same split; by default the seed."""

    trials: WholeNumber = Field(default=50, ge=1)
    """Number of trials in the search."""

    concurrency: WholeNumber | None = Field(default=None, ge=1)
    """Most trials in progress at once; affects results. By default `trials` / 16, from 4 to 32."""

    metric: Metric | None = None
    """Metric to choose trials by, on the dev set; by default error, balanced_error or rmse, by the target."""

    watch: Metric | None = None
    """Metric for early stopping, pruning and the best epoch; by default the metric."""

    bayes_error: Number | None = Field(default=None, ge=0)
    """Best error that anyone could reach: a fraction, or in regression an RMSE; by default estimated."""

    no_baselines: YesNo = False
    """Whether to compare the winner only with a constant, not with a linear model and boosted trees."""

    no_row_cells: YesNo = False
    """Whether to leave the cells of single dev rows out of reports: for tables that are confidential."""

    sampler: Sampler = SamplerConfig()
    """How the next point is chosen: the sampler's name, or a table of its kind and options."""

    model: Model = ModelConfig()
    """What is trained: the kind's name, or a table of it and its options."""

    contest: tuple[_Entrant, ...] = ()
    """Kinds of model to compare: a study each, on the same split; the best one takes the test set."""

    space: _Space = Field(default_factory=_default_space)
    """The search space: a built-in space's name, or a table of dimensions with an optional base."""

    warm_start: str | None = Field(default=None, min_length=1)
    """A study in the same database; its best points are tried first, after the defaults."""

    data: DataConfig
    """The table to learn from, and the target to predict."""

    split: SplitConfig = SplitConfig()
    """How examples are split into train, dev and test set."""

    columns: dict[str, Said] = Field(default_factory=dict)
    """Kinds of columns, by name or by a pattern such as `pixel_*`; by default inferred."""

    training: _Training = Field(default_factory=_default_training)
    """How long a trial trains."""

    pruner: PrunerConfig = PrunerConfig()
    """How to end trials early that are unlikely to win."""

    budget: BudgetConfig = BudgetConfig()
    """Limits of the whole search, besides its number of trials."""

    confirmation: ConfirmationConfig = ConfirmationConfig()
    """How the best trials are trained again with other seeds."""

    limits: TrialLimitsConfig = TrialLimitsConfig()
    """Limits of a single trial."""

    rounds: RoundsConfig = RoundsConfig()
    """Rounds of studies, each searching where the last diagnosis points."""

    @property
    def depends_on_the_machine(self) -> bool:
        """Whether it has limits that other machines meet elsewhere: the same seed may give another study."""
        limits = (self.budget.seconds, self.limits.seconds, self.limits.memory_megabytes)
        return any(limit is not None for limit in limits)

    @property
    def seed_of_search(self) -> int:
        """Source of what is drawn for points, pruning and trainings; `seed` is that of split and figures."""
        return self.seed if self.search_seed is None else self.search_seed

    @property
    def n_studies(self) -> int:
        """How many studies in a row it may begin, itself the first: its rounds, or a contest's kinds."""
        return len(self.contest) or self.rounds.count

    @property
    def kinds(self) -> list[str]:
        """Kinds of model in its contest; none where it is in no contest."""
        return [entrant.model.kind for entrant in self.contest]

    @property
    def spaces(self) -> tuple[SearchSpace, ...]:
        """The spaces that are searched: its own; in a contest, each kind's."""
        return tuple(entrant.space for entrant in self.contest) or (self.space,)

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, written: object) -> object:
        if not isinstance(written, dict):
            return written
        written = _with_entrants(written, is_first=not cls.may_be_later)
        if "name" in written:
            return written
        data = written.get("data")
        table = data.get("table") if isinstance(data, dict) else getattr(data, "table", None)
        return {"name": default_name(table) if isinstance(table, str) else "study", **written}

    @model_validator(mode="after")
    def _own_model_is_alone_and_has_a_space(self) -> Self:
        if self.model.code is not None and not self.space.dimensions:
            raise ContradictionError(
                "a model of one's own has no built-in search space: expected a dimension, [space.NAME], for"
                " each of its arguments",
                ("space",),
            )
        if any(entrant.model.code for entrant in self.contest):
            raise ContradictionError(
                "expected kinds of model that come with Proctor, got a model of one's own", ("contest",)
            )
        return self

    @model_validator(mode="after")
    def _space_can_have_the_scale(self) -> Self:
        if self.data.log_target is None:
            return self
        scale = TargetScale.LOG if self.data.log_target else TargetScale.STANDARD
        for space in self.spaces:
            dimension = space.dimensions.get(TARGET_SCALE)
            if dimension is not None and not dimension.contains(scale.value):
                raise ContradictionError(
                    f"expected a {TARGET_SCALE} in [space] that can be {scale}, got {dimension}",
                    ("data", "log_target"),
                )
        return self

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        # A study that is kept may be a round.
        if rule := rule_against(self.name) or ("" if self.may_be_later else rule_against_round(self.name)):
            raise ContradictionError(rule, ("name",))
        if self.split.folds > 1 and self.data.dev_table is not None:
            raise ContradictionError(
                "cannot be used with a dev table, which is the dev set itself", ("split", "folds")
            )
        if self.split.train_dev is TrainDevRule.ALWAYS and self.data.dev_table is None:
            raise ContradictionError(
                "a train-dev set needs a dev table (dev_table), got none",
                ("split", "train_dev"),
            )
        if self.split.folds == 1 and self.confirmation.refit:
            raise ContradictionError(
                "needs folds: without them the winner is a single model anyway", ("confirmation", "refit")
            )
        for space in self.spaces:
            if (reason := reason_against(self.sampler, space, trials=self.trials)) is not None:
                raise ContradictionError(reason, ("sampler",))
        if self.contest and (rule := _rule_against_contest(self)):
            raise ContradictionError(rule, ("contest",))
        if self.data.task is not None:
            for key, rule in _broken_rules(self, self.data.task):
                raise ContradictionError(rule, (key,))
        return self


def _rule_against_contest(config: StudyConfig) -> str:
    """Return the rule that a contest breaks; empty where it breaks none."""
    kinds = config.kinds
    if len(kinds) == 1:
        return f"expected two kinds of model or more, got {kinds[0]} alone"
    if twice := [kind for kind in dict.fromkeys(kinds) if kinds.count(kind) > 1]:
        return f"expected each kind of model once, got {twice[0]} {kinds.count(twice[0])} times"
    if config.rounds.count > 1:
        return "cannot be used with rounds, which go on with a single kind of model"
    if config.warm_start is not None:
        return "cannot be used with warm_start, whose points are those of a single kind of model"
    if not config.may_be_later and config.model != config.contest[0].model:
        return f"expected the study's model first, {config.model.kind}, got {kinds[0]}"
    return ""


def default_name(table: str) -> str:
    """Name a study after its table: `digits`, or the file's name without its ending."""
    return _ROUND.sub(r"-round\1", plain_name(PurePath(table).stem))


def plain_name(words: str) -> str:
    """Return the name for a study that comes closest to some words."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", words).strip("-_.")[:64] or "study"


def name_without_round(name: str) -> str:
    """Return the name of the study whose round is called so; another name stays as it is."""
    return _ROUND.sub("", name)


def round_name(first: str, number: int) -> str:
    """Return the name of a round's study, by the first one's name and the round's number, counted from 1."""
    if number == 1:
        return first
    ending = f"-round-{number}"
    return plain_name(first)[: 64 - len(ending)] + ending


def contest_names(name: str, kinds: Sequence[str]) -> list[str]:
    """Return the names of a contest's studies, each with its kind of model at the end.

    Parameters
    ----------
    name
        The contest's, or that of its first study.
    kinds
        Its kinds of model.
    """
    first, *_ = endings = [f"-{plain_name(kind)[:31]}" for kind in kinds]
    return [plain_name(name.removesuffix(first))[: 64 - len(ending)] + ending for ending in endings]


def rule_against_round(name: str) -> str:
    """Return the rule that a name breaks which only a later round may have; empty where it breaks none."""
    if _ROUND.search(name) is None:
        return ""
    return f"expected a name that does not end like a later round's, in -round-NUMBER, got {name!r}"


def rule_against(name: str) -> str:
    """Return the rule that a new study's name breaks; empty where it breaks none.

    A study that another tool has renamed may be called anything, and is read all the same.
    """
    if _NAME.fullmatch(name):
        return ""
    return (
        f"expected at most 64 letters, digits, '-', '_' or '.', the first a letter or a digit, got"
        f" {found(name)}"
    )


def _broken_rules(config: StudyConfig, task: Task) -> Iterator[tuple[str, str]]:
    """Yield the keys whose values do not suit a task, and what is wrong with each."""
    if task is Task.CLASSIFICATION and config.bayes_error is not None and config.bayes_error >= 1:
        yield "bayes_error", f"in classification expected a fraction below 1, got {config.bayes_error:g}"
    for key, metric in (("metric", config.metric), ("watch", config.watch)):
        if (rule := unsuited(metric, task)) is not None:
            yield key, rule


def check_task(config: StudyConfig, task: Task) -> None:
    """Refuse values that do not suit the task that was inferred from the target.

    Raises
    ------
    BadInputError
        A metric of the other task, or a Bayes error of 1 or more in classification.
    """
    for key, rule in _broken_rules(config, task):
        raise BadInputError(f"{key}: {rule}")


class ResolvedData(DataConfig):
    """Data whose task is known."""

    task: Task


class ResolvedStudy(StudyConfig):
    """A study as it is run and kept: nothing that its data decide is left open."""

    may_be_later: ClassVar[bool] = True

    concurrency: WholeNumber = Field(ge=1)
    metric: Metric
    watch: Metric
    data: ResolvedData

    @property
    def training_rules(self) -> TrainingRules:
        """How long its trials train, and what they are judged by."""
        return TrainingRules(
            max_epochs=self.training.max_epochs,
            patience=self.training.patience,
            metric=self.metric,
            watch=self.watch,
            min_gain=self.training.min_gain,
        )


def resolve(
    config: StudyConfig,
    *,
    task: Task,
    class_counts: Sequence[int],
    has_dates: bool = True,
    has_logarithm: bool = True,
) -> ResolvedStudy:
    """Fix what a new study leaves open, before it is kept: its concurrency, its task and its metrics.

    A regression does not search what only classes have, nor a logarithm that its target does not have; a
    classification not what only numbers have; and a table without dates not what only dates have. Of what a
    space leaves to the metric, it gets the default.

    Parameters
    ----------
    config
        The study as the user wrote it.
    task
        What was inferred from the target, or given by the user.
    class_counts
        Examples of each class in the train set; empty in regression. They decide the metric of a study that
        names none.
    has_dates
        Whether a date is learned from; also where that is not known.
    has_logarithm
        Whether all known targets are above 0; also where that is not known.

    Raises
    ------
    BadInputError
        As `check_task`.
    """
    check_task(config, task)
    metric = config.metric or default_metric(task, class_counts)
    log_target = config.data.log_target
    if task is Task.REGRESSION and any(
        is_left_out(space, log_target=log_target, has_logarithm=has_logarithm) for space in config.spaces
    ):
        log_target = False
    decided: dict[str, object] = {"task": task}
    if log_target != config.data.log_target:
        decided["log_target"] = log_target
    data = ResolvedData.model_construct(
        config.data.model_fields_set | decided.keys(), **{**dict(config.data), **decided}
    )

    def resolved_space(space: SearchSpace) -> SearchSpace:
        searched = space if has_dates else space.without(space.fields.only_dates_have)
        if task is Task.REGRESSION:
            searched = searched.without(space.fields.only_classes_have)
            return regression_space(searched, log_target=log_target, has_logarithm=has_logarithm)
        searched = searched.without(space.fields.only_numbers_have)
        return searched.with_defaults(dict.fromkeys(searched.left_to_the_metric, default_balance(metric)))

    contest = [each.model_copy(update={"space": resolved_space(each.space)}) for each in config.contest]
    found_out = {
        "concurrency": config.concurrency or default_concurrency(config.trials),
        "metric": metric,
        "watch": config.watch or metric,
        "space": resolved_space(config.space),
        "contest": tuple(contest),
        "data": data,
    }
    return ResolvedStudy.model_construct(
        config.model_fields_set | found_out.keys(), **{**dict(config), **found_out}
    )


def default_metric(task: Task, class_counts: Sequence[int]) -> Metric:
    """Return the metric of a study that names none: RMSE, error, or balanced error of unbalanced classes.

    The error of unbalanced classes is low for whoever names the commonest. The balanced error keeps its unit
    and its sense, needs no threshold as the classes' shares decide it, and is (K - 1) / K there.

    Parameters
    ----------
    task
        What is predicted.
    class_counts
        Examples of each class in the train set, which alone may decide; empty in regression.
    """
    if task is Task.REGRESSION:
        return Metric.RMSE
    is_balanced = max(class_counts) <= MOST_BALANCED_RATIO * min(class_counts)
    return Metric.ERROR if is_balanced else Metric.BALANCED_ERROR


def default_balance(metric: Metric) -> float:
    """Return the class balance at a study's default point: 1 if a rare class counts as much, else 0.

    The ROC AUC, which only orders, hardly depends on it: it has 0, as the other figures of probabilities.
    """
    return 1.0 if metric in BALANCED else 0.0


def unsuited(metric: Metric | None, task: Task) -> str | None:
    """Say what is wrong with a metric for a task; None where nothing is."""
    if metric is None or metric.task is task:
        return None
    return f"in {task} expected one of {', '.join(metrics_of(task))}, got {metric}"
