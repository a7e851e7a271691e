"""A study file's contents: the study, and beside it where it runs."""

from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig


class WrittenStudy(StudyConfig):
    """All that a study file may say. What is kept with the study is its `study` alone."""

    launch: LaunchConfig = LaunchConfig()
    """Where the study runs; changes nothing in its result."""

    @property
    def study(self) -> StudyConfig:
        """The study without where it runs."""
        return StudyConfig.model_validate({name: getattr(self, name) for name in StudyConfig.model_fields})
