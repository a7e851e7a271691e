"""The user's own model, read from its file and tried for its arguments, before anything is run."""

from service.configuration.own_model import CodePlace
from service.configuration.study_config import StudyConfig
from service.errors import BadInputError
from workers.model_source import ModelSource, Role
from workers.own.loading import ModelCodeError, check_arguments, loaded


def model_source(config: StudyConfig) -> ModelSource | None:
    """Return the source of the model of a study, as its file is now; None where it is no model of one's own.

    The file is imported here, once.

    Raises
    ------
    BadInputError
        The file cannot be read or imported, has no such function, or one that cannot be called with what the
        space has.
    """
    model = config.model
    written = model.code
    if written is None:
        return None
    role = Role.ESTIMATOR if model.estimator is not None else Role.LEARNER
    place = CodePlace.of(written)
    try:
        content = place.path.read_bytes()
    except OSError as error:
        raise BadInputError(f"model.{role}: {place.path} cannot be read: {error.strerror}") from None
    source = ModelSource(role, str(place.path.absolute()), place.attribute, content)
    try:
        loaded(source)
    except ModelCodeError as error:
        raise BadInputError(f"model.{role}: {error}") from error
    names = {
        name: not dimension.when
        for name, dimension in config.space.dimensions.items()
        if name not in config.space.fields.names  # what Proctor itself reads
    }
    try:
        check_arguments(source, names)
    except ModelCodeError as error:
        raise BadInputError(f"space.{error}") from error
    return source


def with_checksum(config: StudyConfig, source: ModelSource | None) -> StudyConfig:
    """Return a study that names the content of its model's file; one of another kind as it is."""
    if source is None:
        return config
    model = config.model.model_copy(update={"sha256": source.sha256})
    return config.model_copy(update={"model": model})


def change_since(config: StudyConfig, source: ModelSource | None) -> str | None:
    """Say that the model's file has changed since a study began; None where it has not.

    Parameters
    ----------
    config
        The study as it is kept.
    source
        The model's source as it is now.
    """
    if source is None or source.sha256 == config.model.sha256:
        return None
    return f"{source.path} has changed since the study began; results from here on may differ"
