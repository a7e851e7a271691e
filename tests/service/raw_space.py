"""Studies whose models read raw columns, for all that is done before a model is trained."""

from search_spaces.boosting.space import BoostingSpace
from search_spaces.input_choices import InputChoices, Representation
from service.configuration.study_config import StudyConfig

RAW = InputChoices(representation=Representation.RAW)


def with_raw_inputs(config: StudyConfig) -> StudyConfig:
    """Return a study of the same data whose model reads raw columns."""
    return config.model_copy(update={"space": BoostingSpace.model_validate({})})
