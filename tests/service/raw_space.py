"""A kind of model that reads raw columns, for all that is done before a model is trained."""

from typing import ClassVar

from search_spaces.fields import Fields
from search_spaces.input_choices import InputChoices, Representation
from search_spaces.point import Point
from search_spaces.space import SearchSpace
from service.configuration.study_config import StudyConfig

RAW = InputChoices(representation=Representation.RAW)


class RawPoint(Point):
    """The one point there is."""

    kind: ClassVar[str] = "raw"

    @property
    def input_choices(self) -> InputChoices:
        """Raw inputs."""
        return RAW


class RawSpace(SearchSpace):
    """The space of that point."""

    fields: ClassVar[Fields] = Fields(RawPoint)


def with_raw_inputs(config: StudyConfig) -> StudyConfig:
    """Return a study of the same data whose model reads raw columns."""
    return config.model_copy(update={"space": RawSpace.model_validate({})})
