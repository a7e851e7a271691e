"""The winner as a model that leaves the study: what it was trained and chosen by, and no test figure."""

from importlib.metadata import version

from service.data.preparation.prepared_data import PreparedData
from service.study.storage.stored_study import StoredStudy
from service.winner.examination.candidate import Candidate
from service.winner.models.model_description import FORMAT, Model, ModelDescription, pack_arrays


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
    arrays = pack_arrays(candidate.network)
    description = ModelDescription(
        format=FORMAT,
        proctor_version=version("proctor"),
        study=study.config.name,
        trial=candidate.trial,
        is_reproduced=candidate.is_reproduced,
        task=prepared.split.task,
        target=prepared.target,
        class_names=prepared.split.class_names,
        columns=candidate.network.preparation.columns,
        transformation=candidate.network.preparation.transformation.description(),
        target_scaling=candidate.network.preparation.target_scaling,
        metric=study.metric,
        label_weights=candidate.network.rule.weights,
        dev_figures=candidate.dev_figures()["winner"],
        hyperparameters=candidate.hyperparameters,
        n_networks=candidate.network.n_networks,
        shapes=arrays.shapes,
        arrays_sha256=arrays.sha256,
    )
    return Model(description, candidate.network)
