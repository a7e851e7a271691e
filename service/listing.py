"""What `list`, `show` and `spaces` look up before it is printed."""

from optuna.trial import FrozenTrial, TrialState

from search_spaces.presets import UnknownPresetError, load_preset
from search_spaces.space import SearchSpace
from service.errors import BadInputError
from service.launch import open_storage
from service.launch_config import LaunchConfig
from service.ledger import Ledger
from service.listing_text import StudyRow
from service.stored_study import load_study
from service.study_store import StorageError, StudyStore
