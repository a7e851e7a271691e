"""The winner, trained again for its weights, beside the baselines: all that sit the test set.

Over folds, what winner and baselines reached goes with it. `model_of` makes it the model that leaves the
study: what it was trained and chosen by, and no test figure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial
from threadpoolctl import threadpool_limits

from search_spaces.point import Point
from service.data.preparation.prepared_data import BaselineInputs, LabelledInputs, PreparedData
from service.study.storage.kept_trials import record_of
from service.study.storage.stored_study import StoredStudy
from service.tables.columns import lenient_frame
from service.tables.table import Examples
from service.uncertainty.interval import Interval
from service.uncertainty.intervals import interval_of, standard_error
from service.winner.examination.baselines import Baseline, Learner, fit_baselines
from service.winner.examination.ensemble import EnsembleMember, MeasuredEnsemble, SelectedEnsemble
from service.winner.examination.figures import ByClass, Figures, by_class, figures, means_of
from service.winner.examination.retraining import Retraining, comes_out_as_stored, states_of, train_again
from service.winner.examination.selection import SelectionBootstrap
from service.winner.models.model import FORMAT, Model, ModelDescription, describe_parts, pack_arrays
from service.winner.models.trained_model import Inputs, Member, TrainedModel
from workers.messages import TrialRequest
from workers.metrics.decision_rule import DecisionRule
from workers.metrics.metric import Metric, decision_rule, metrics_of
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool


class ExaminedSet(NamedTuple):
    """A set as winner and baselines read it: inputs of each, and targets in the table's unit.

    `n_faulty` counts, by column, the cells that were none of its kind and are taken for missing. `units` are
    numbers that rows share which came as one (n_examples,); None where each row came by itself.
    """

    X: Inputs
    X_of_baselines: NDArray[np.float32]
    y: NDArray[np.int64] | NDArray[np.float64]
    n_faulty: Mapping[str, int]
    units: NDArray[np.intp] | None = None


@dataclass(frozen=True, slots=True)
class CrossValidated:
    """Figures on dev sets that took turns.

    Attributes
    ----------
    models
        By model, `winner` and the baselines: means over the folds, each fitted on a fold's train set and
        judged on its dev set. Of an average over folds they are its members': each example is predicted
        by models that were not trained on it.
    standard_error
        Of the study's metric for the winner, as `service.study.search.trial_records` has it.
    """

    models: Mapping[str, Figures]
    standard_error: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """The winner as it is shipped and evaluated on the test set, and the baselines beside it.

    Attributes
    ----------
    trial, hyperparameters
        The winning trial's number, and its hyperparameters.
    members
        The models whose predictions are averaged; mostly the winner's own alone.
    prepared
        The study's data, its test set sealed.
    rule
        Decides the winner's labels.
    baselines
        Fitted on the train set, with the inputs of the point that was tried first; none where nobody asks.
    cross_validated
        Where the study has folds: what winner and baselines reached over them. The dev set is in the train
        set then, that baselines are fitted on anew, and the winner with a refit.
    averages_folds
        Whether the folds' models are averaged, each with the preparation of its fold. Members are in the
        order of the folds then, a training's after another's.
    ensemble
        Where several trainings' models are averaged: which, and what the winner's own reached.
    selection
        By how much having selected what is averaged flatters its dev figure; None where nothing is.
    is_reproduced
        Whether training it again, and each network that it is averaged with, gave the very figures that it
        won with; another kind of processor or another version of NumPy may round differently.
    """

    trial: int
    hyperparameters: Point
    members: tuple[Member, ...]
    prepared: PreparedData
    rule: DecisionRule
    baselines: tuple[Baseline, ...]
    is_reproduced: bool
    cross_validated: CrossValidated | None = None
    averages_folds: bool = False
    ensemble: MeasuredEnsemble | None = None
    selection: SelectionBootstrap | None = None
    _predictions: dict[str, NDArray[np.floating]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def trained(self) -> TrainedModel:
        """What predicts."""
        split = self.prepared.split
        return TrainedModel(
            task=split.task,
            n_outputs=len(split.class_names) or 1,
            members=self.members,
            rule=self.rule,
        )

    @property
    def names_before_dev(self) -> tuple[str, ...]:
        """The known sets but dev, in their order: `train`, and `train-dev` where there is one.

        Over folds there is no train-dev, as there is no dev table.
        """
        has_train_dev = self.prepared.split.train_dev is not None and self.cross_validated is None
        return ("train", "train-dev") if has_train_dev else ("train",)

    @property
    def baseline_inputs(self) -> BaselineInputs:
        """What baselines are fitted on, with the scale of the target that the winner learned."""
        return self.prepared.baselines[self.hyperparameters.input_choices.target_scale]

    def known(self, name: str) -> ExaminedSet:
        """Return one of the known sets, as winner and baselines read it."""
        sets = self.prepared.known_sets
        own = [sets[member.hyperparameters.input_choices][name] for member in self.members]
        X_of_baselines = sets[self.baseline_inputs.choices][name].X
        return ExaminedSet([each.X for each in own], X_of_baselines, own[0].y, {}, own[0].units)

    def read(self, examples: Examples) -> ExaminedSet:
        """Return examples that come as cells, as winner and baselines read them.

        A cell that does not fit its column's kind is read as missing: an opened test set is never refused.
        """
        typed = lenient_frame(examples.frame, self.trained.columns)
        of_baselines = self.prepared.preparations[self.baseline_inputs.choices].transformation
        X = self.trained.inputs(typed.frame)
        made = zip(self.members, X, strict=True)
        shared = [own for member, own in made if member.preparation.transformation is of_baselines]
        X_of_baselines = shared[0] if shared else of_baselines.apply(typed.frame)
        return ExaminedSet(X, X_of_baselines, examples.y, typed.n_faulty, examples.units)

    def by_class(self, predictions: NDArray[np.floating], y: NDArray[Any]) -> ByClass | None:
        """Count what the winner predicts each class as, from its predictions; None in regression."""
        names = self.prepared.split.class_names
        if not names:
            return None
        counts = self.prepared.class_counts
        labels = self.rule.labels(predictions)
        return by_class(labels, y.astype(np.int64), class_names=names, train_counts=counts)

    def predictions(self, name: str) -> NDArray[np.floating]:
        """Return the winner's predictions for a known set, as `TrainedModel` makes them; made once."""
        if name not in self._predictions:
            self._predictions[name] = self.trained.predict(self.known(name).X)
        return self._predictions[name]

    def known_figures(self, name: str) -> dict[str, Figures]:
        """Judge the winner and the baselines on one of the known sets."""
        return {"winner": self.own_figures(name)} | self._of_baselines(self.known(name))

    def own_figures(self, name: str) -> Figures:
        """Judge the winner alone on one of the known sets; see `judged_sets`."""
        if name == "dev" and self.cross_validated is not None:
            return dict(self.cross_validated.models["winner"])
        return means_of([self._judged(*judged) for judged in self.judged_sets(name)])

    def judged_sets(self, name: str) -> Iterator[tuple[ExaminedSet, NDArray[np.floating]]]:
        """Yield what the winner is judged on of a known set, and its predictions for it.

        Where folds' models are averaged, that is each fold's train set, and what those predict that were
        trained on it: the dev figure that it is compared with is such models', too.
        """
        if not self.averages_folds:
            yield self.known(name), self.predictions(name)
            return
        data, known = self.prepared.trial_data, self.prepared.split.known
        for place, fold in enumerate(self.prepared.split.folds):
            of_fold = replace(self.trained, members=self.members[place :: data.n_folds])
            X = [data.folds(each.hyperparameters)[place].X_train for each in of_fold.members]
            units = None if known.units is None else known.units[fold.train]
            examined = ExaminedSet(X, X[0], known.y[fold.train], {}, units)
            if (key := f"{name} {place}") not in self._predictions:
                self._predictions[key] = of_fold.predict(X)
            yield examined, self._predictions[key]

    def figures(self, examined: ExaminedSet, predictions: NDArray[np.floating]) -> dict[str, Figures]:
        """Judge the winner and the baselines on some examples.

        Parameters
        ----------
        examined
            The examples.
        predictions
            The winner's, for them.
        """
        return {"winner": self._judged(examined, predictions)} | self._of_baselines(examined)

    def _of_baselines(self, examined: ExaminedSet) -> dict[str, Figures]:
        inputs = LabelledInputs(examined.X_of_baselines, examined.y)
        with threadpool_limits(1):
            return {model.name: model.figures(inputs) for model in self.baselines}

    def _judged(self, examined: ExaminedSet, predictions: NDArray[np.floating]) -> Figures:
        return figures(predictions, examined.y, task=self.prepared.split.task, rule=self.rule)

    def dev_figures(self) -> Mapping[str, Figures]:
        """Judge the winner and the baselines on the dev set; over folds, by what they reached in each."""
        folds = self.cross_validated
        return self.known_figures("dev") if folds is None else folds.models


def make_candidate(  # noqa: PLR0913 (what is trained, on what, and beside what, each by its name)
    winner: FrozenTrial,
    request: TrialRequest,
    *,
    prepared: PreparedData,
    pool: WorkerPool,
    averaged: Sequence[Retraining] = (),
    selected: SelectedEnsemble | None = None,
    refits: bool = False,
    learners: Sequence[Learner] = (),
) -> Candidate:
    """Train the winner again, for what it learned, and fit the baselines.

    Where the study has folds, the winner is trained again in each of them, and their models are averaged.
    With a refit it is trained once more instead, on train and dev set together, for the lower median of the
    folds' best epochs. So are the baselines, with the regularization that was best over the folds.

    Which of the two would be better, dev does not show: of the refit nothing is left that it was not trained
    on, and what the folds' models show is each model's, not their average's.

    Parameters
    ----------
    winner
        The trial, from storage.
    request
        The same trial as a request: without thresholds, with `keep_state`.
    prepared
        The study's data.
    pool
        Who trains it.
    averaged, selected
        Trainings whose models are averaged, the winner perhaps among them, and what they were selected by;
        none where the winner's own model is shipped.
    refits
        Whether, over folds, one model is trained on all of them in the place of their average.
    learners
        The baselines that are fitted beside it.

    Raises
    ------
    ProctorError
        When one cannot be trained to its end.
    """
    trainings = {request.number: Retraining(winner, request)}
    trainings |= {each.request.number: each for each in averaged}
    ended = trained = train_again(request.number, [each.request for each in trainings.values()], pool)
    together = prepared.refit_data
    averages_folds = together is not None and not refits
    if together is not None and refits:
        # In this process: a pool of workers has the folds, and not what is trained on here.
        again = [_refit_of(each) for each in trainings.values()]
        trained = train_again(request.number, again, InProcessPool(together))
    inputs = prepared.baselines[request.hyperparameters.input_choices.target_scale]
    baselines = fit_baselines(
        learners,
        inputs.folds,
        together=inputs.refit,
        preparation=prepared.preparations[inputs.choices],
        metric=request.rules.metric,
    )
    preparations = (
        prepared.fold_preparations
        if averages_folds
        else {choices: (one,) for choices, one in prepared.preparations.items()}
    )
    weights = {} if selected is None else selected.weights
    members = {
        each.number: tuple(
            Member(own.request.hyperparameters, state, preparation, weights.get(each.number, 1))
            for state, preparation in zip(
                states_of(request.number, each),
                preparations[own.request.hyperparameters.input_choices],
                strict=True,
            )
        )
        for own, each in zip(trainings.values(), trained, strict=True)
    }
    alone = Candidate(
        trial=request.number,
        hyperparameters=request.hyperparameters,
        members=members[request.number],
        prepared=prepared,
        rule=decision_rule(
            request.rules.metric, (together or prepared.trial_data).first_folds[0].class_counts
        ),
        baselines=baselines,
        is_reproduced=all(
            comes_out_as_stored(own.trial, each) for own, each in zip(trainings.values(), ended, strict=True)
        ),
        cross_validated=None if together is None else _cross_validated(winner, baselines),
        averages_folds=averages_folds,
    )
    if selected is None:
        return alone
    return replace(
        alone,
        members=tuple(member for number in selected.weights for member in members[number]),
        cross_validated=None if together is None else _cross_validated(winner, baselines, selected),
        ensemble=MeasuredEnsemble(
            members=tuple(
                EnsembleMember(
                    trial=number,
                    confirms=record_of(trainings[number].trial).confirms,
                    weight=weight,
                )
                for number, weight in selected.weights.items()
            ),
            n_candidates=selected.n_candidates,
            single={name: alone.own_figures(name) for name in (*alone.names_before_dev, "dev")},
        ),
        selection=selected.bootstrap,
    )


def _cross_validated(
    winner: FrozenTrial, baselines: Sequence[Baseline], selected: SelectedEnsemble | None = None
) -> CrossValidated:
    """Put the winner's figures from its trial beside the baselines' over the same folds.

    Parameters
    ----------
    winner
        The trial, from storage.
    baselines
        Fitted in the same folds.
    selected
        What is averaged in the place of the trial's own models, if anything.

    Raises
    ------
    ValueError
        The trial was not trained over folds.
    """
    record = record_of(winner)
    if record.standard_error is None:
        raise ValueError(f"trial {winner.number} was not trained over folds")
    own, error = dict(record.dev_metrics), record.standard_error
    if selected is not None and selected.standard_error is not None:
        own, error = means_of(selected.fold_figures), selected.standard_error
    return CrossValidated({"winner": own} | {each.name: each.dev_figures for each in baselines}, error)


def _refit_of(training: Retraining) -> TrialRequest:
    """Return the request for a training on train and dev set together.

    It runs for the lower median of its folds' best epochs.
    """
    return replace(training.request, refit_epochs=record_of(training.trial).best_epoch, keep_state=True)


def known_figures(candidate: Candidate) -> dict[str, dict[str, Figures]]:
    """Return the figures of winner and baselines by model and known set: train, train-dev if any, dev."""
    by_set = {name: candidate.known_figures(name) for name in candidate.names_before_dev}
    by_set["dev"] = dict(candidate.dev_figures())
    return {
        model: {name: of_models[model] for name, of_models in by_set.items()} for model in by_set["train"]
    }


def standard_errors(candidate: Candidate, metric: Metric, *, seed: int) -> dict[str, float]:
    """Return the standard error of the winner's metric on each known set, by set.

    Over folds, that on the dev set comes from the differences between folds. Where their models are averaged,
    that on the train set is the mean of the folds': they share most of their train examples.

    Parameters
    ----------
    candidate
        The winner.
    metric
        The study's metric.
    seed
        Source of resamples.
    """
    folds = candidate.cross_validated
    found = {}
    for name in (*candidate.names_before_dev, *(("dev",) if folds is None else ())):
        found[name] = fmean(
            standard_error(
                metric, predictions, examined.y, rule=candidate.rule, units=examined.units, seed=seed
            )
            for examined, predictions in candidate.judged_sets(name)
        )
    return found if folds is None else found | {"dev": folds.standard_error}


def dev_by_class(candidate: Candidate) -> ByClass | None:
    """Count what the winner predicts each class of the dev set as; None over folds, and in regression."""
    if candidate.cross_validated is not None:
        return None
    return candidate.by_class(candidate.predictions("dev"), candidate.known("dev").y)


def dev_intervals(candidate: Candidate, *, seed: int) -> dict[str, Interval] | None:
    """Return the 95 % intervals of the winner's figures on the dev set by metric; None over folds.

    Parameters
    ----------
    candidate, seed
        As for `standard_errors`.
    """
    if candidate.cross_validated is not None:
        return None
    dev, predictions = candidate.known("dev"), candidate.predictions("dev")
    return {
        metric.value: interval_of(
            metric, predictions, dev.y, rule=candidate.rule, units=dev.units, seed=seed
        ).interval
        for metric in metrics_of(candidate.prepared.split.task)
    }


def model_of(study: StoredStudy, prepared: PreparedData, candidate: Candidate) -> Model:
    """Describe a study's winner, once it has been trained again.

    Parameters
    ----------
    study
        The study that it won.
    prepared
        The study's data; its test set stays sealed.
    candidate
        The winner.
    """
    arrays = pack_arrays(candidate.trained)
    preparations, members = describe_parts(candidate.trained)
    description = ModelDescription(
        format=FORMAT,
        proctor_version=version("proctor"),
        study=study.config.name,
        trial=candidate.trial,
        is_reproduced=candidate.is_reproduced,
        task=prepared.split.task,
        target=prepared.target,
        class_names=prepared.split.class_names,
        columns=candidate.trained.columns,
        preparations=preparations,
        metric=study.metric,
        label_weights=candidate.trained.rule.weights,
        dev_figures=candidate.dev_figures()["winner"],
        members=members,
        shapes=arrays.shapes,
        arrays_sha256=arrays.sha256,
    )
    return Model(description, candidate.trained)
