"""The train and dev sets that a study's trials may ask for: by inputs and targets of a point, and by fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from search_spaces.input_choices import InputChoices, Representation
from search_spaces.point import Point
from workers.train_dev_data import Task, TrainDevData


class UnpreparedInputsError(LookupError):
    """A point chooses inputs that were not prepared for the study."""


@dataclass(frozen=True, slots=True)
class TrialData:
    """What a pool is handed: for each choice of inputs the folds that a trial is trained on.

    Attributes
    ----------
    folds_by_inputs
        A train and dev set a fold, as many for each choice; one alone where there is one dev set.

    Raises
    ------
    ValueError
        There are no inputs, some have other folds than others, or what is predicted differs.
    """

    folds_by_inputs: Mapping[InputChoices, tuple[TrainDevData, ...]]

    def __post_init__(self) -> None:
        if not self.folds_by_inputs:
            raise ValueError("trial data need the inputs of at least one choice, got none")
        numbers = sorted({len(folds) for folds in self.folds_by_inputs.values()})
        if len(numbers) > 1 or numbers[0] == 0:
            raise ValueError(f"all inputs need as many folds, at least 1, got {numbers}")
        predicted = {(data.task, data.n_outputs) for folds in self.folds_by_inputs.values() for data in folds}
        if len(predicted) > 1:
            raise ValueError(f"all folds need one task and number of outputs, got {sorted(predicted)}")

    @classmethod
    def single(cls, data: TrainDevData) -> Self:
        """Return the data of a study with one train and dev set, and the default choice of inputs."""
        return cls({InputChoices(): (data,)})

    @property
    def first_folds(self) -> tuple[TrainDevData, ...]:
        """The folds with the inputs that were given first."""
        return next(iter(self.folds_by_inputs.values()))

    @property
    def n_folds(self) -> int:
        """Trainings in a trial: 1 where there is one dev set."""
        return len(self.first_folds)

    @property
    def task(self) -> Task:
        """The task."""
        return self.first_folds[0].task

    @property
    def n_outputs(self) -> int:
        """Number of classes, or of targets."""
        return self.first_folds[0].n_outputs

    @property
    def n_bytes(self) -> int:
        """Memory of all arrays; one that several choices or folds share is counted once (bytes)."""
        arrays = {
            id(array): array.nbytes
            for folds in self.folds_by_inputs.values()
            for data in folds
            for array in (data.X_train, data.y_train, data.X_dev, data.y_dev)
        }
        return sum(arrays.values())

    def folds(self, point: Point) -> tuple[TrainDevData, ...]:
        """Return the train and dev sets that a point is trained on, in the order of the folds.

        Raises
        ------
        UnpreparedInputsError
            The point chooses inputs that were not prepared.
        """
        inputs = point.input_choices
        try:
            return self.folds_by_inputs[inputs]
        except KeyError:
            prepared = "; ".join(map(_words, self.folds_by_inputs))
            raise UnpreparedInputsError(
                f"a point's inputs must be among those prepared: it chooses {_words(inputs)},"
                f" prepared are {prepared}"
            ) from None


def _words(inputs: InputChoices) -> str:
    chosen = inputs._asdict()
    if chosen.pop("representation") is Representation.RAW:
        return f"raw inputs, target_scale = {inputs.target_scale}"
    return ", ".join(f"{name} = {value}" for name, value in chosen.items())
