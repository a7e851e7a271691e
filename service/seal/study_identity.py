"""Which study this is, whatever it is called: names change, and a copy is another study."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """A study of a database, as the ledger knows it.

    Attributes
    ----------
    name
        What it is called in the database now.
    key
        Drawn when it was made, and shared by the copies that other tools make.
    study_id
        Its place in the database, which a copy has not.
    is_copy
        Whether another tool made it as a copy of a study.
    is_successor
        Whether it took the place of the study that it was copied from: optuna-dashboard renames a study by
        copying and deleting it.
    copy_of
        The name of the study that it was copied from, by whichever tool, while that is there.
    """

    name: str
    key: str
    study_id: int
    is_copy: bool = False
    is_successor: bool = False
    copy_of: str | None = None

    def owns(self, key: str, study_id: int) -> bool:
        """Whether what was written down for a key and a place is this study's own."""
        return key == self.key and (study_id == self.study_id or self.is_successor)
