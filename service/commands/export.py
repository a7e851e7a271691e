"""The winner as a model: written to a directory, or to predict with at once."""

from pathlib import Path

from service.commands.ended_study import ended_study
from service.configuration.launch_config import LaunchConfig
from service.data.preparation.input_columns import known_categories
from service.errors import BadInputError
from service.study.search.winner import winner_of
from service.study.storage.stored_data import config_here, prepare_again
from service.study.storage.stored_study import StoredStudy
from service.winner.examination.candidate import model_of
from service.winner.examination.conclusion import train_winner
from service.winner.models.model import Model, ModelDescription, check_place, write_model
from service.winner.models.onnx_export.onnx_extra import onnx_encoder
from workers.pools.in_process_pool import InProcessPool

_RULE = "a model is the winner of all trials"
"""Why a study must have ended."""


def export_study(
    name: str, launch: LaunchConfig, path: Path, *, replace: bool, with_onnx: bool
) -> ModelDescription:
    """Train the winner of a study that has ended again, and write it to a directory.

    The test set stays sealed, the ledger is not asked, and the study's storage is left as it is.

    Parameters
    ----------
    name
        The study.
    launch
        Where it is kept.
    path
        The model's directory, made here.
    replace
        Whether a model that is there already makes way.
    with_onnx
        Whether `model.onnx` is written beside the rest.

    Returns
    -------
    ModelDescription
        What was written.

    Raises
    ------
    BadInputError
        When there is no such study, its data have changed, it has not ended, or the place is taken; its model
        is the user's own; or ONNX is asked for, and is not installed or cannot do what the winner does.
    ProctorError
        When there is no winner, it cannot be trained again, or the model cannot be written.
    """
    check_place(path, replace=replace)
    encode = onnx_encoder() if with_onnx else None
    study, model = _trained_model(name, launch, is_exported=True)
    transformations = [each.transformation for each in model.trained.preparations]
    categories = known_categories(config_here(study), transformations) if encode else {}
    write_model(model, path, replace=replace, onnx=encode(model, categories) if encode else None)
    return model.description


def winner_of_study(name: str, launch: LaunchConfig) -> Model:
    """Train the winner of a study that has ended again, to predict with it at once; nothing is written.

    Raises
    ------
    BadInputError, ProctorError
        As for `export_study`.
    """
    return _trained_model(name, launch)[1]


def who_won(name: str, launch: LaunchConfig) -> tuple[str, int, int, int]:
    """Return what distinguishes an ended study's winner from those before it; nothing is trained.

    Raises
    ------
    BadInputError
        There is no such study, it has not ended, or it has no winner.
    """
    with ended_study(name, launch, rule=_RULE) as (_, study):
        winner = winner_of(study.trials, study.metric).number
        return study.identity.key, study.identity.study_id, len(study.extensions), winner


def _trained_model(
    name: str, launch: LaunchConfig, *, is_exported: bool = False
) -> tuple[StoredStudy, Model]:
    with ended_study(name, launch, rule=_RULE) as (store, study):
        if is_exported and study.config.model.code is not None:
            raise BadInputError(
                f"a model of one's own cannot be exported: train {study.config.model.code} with the winner's"
                f" hyperparameters, or predict with the study at once (proctor predict {name} TABLE)"
            )
        prepared = prepare_again(study)
        candidate = train_winner(study, prepared, store=store, pool=InProcessPool(prepared.trial_data))
        return study, model_of(study, prepared, candidate)
