"""A whole study in this process, without Ray and without a screen: the search, and its winner."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import PreparedData
from service.study.search.coordinator import Coordinator
from service.study.search.progress import StudyProgress
from service.study.storage.database import open_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_store import StudyStore
from service.winner.examination.baselines import Learner
from service.winner.examination.candidate import Candidate
from service.winner.examination.conclusion import train_winner
from workers.pools.in_process_pool import InProcessPool


@contextmanager
def searched_study(config: StudyConfig, prepared: PreparedData) -> Iterator[tuple[StoredStudy, StudyStore]]:
    """Search and confirm as `proctor run` does, and yield the study; nothing is kept afterwards."""
    resolved = prepared.resolved(config)
    pool = InProcessPool(prepared.trial_data)
    with tempfile.TemporaryDirectory() as directory:
        store = open_storage(LaunchConfig(storage=file_url(Path(directory) / "study.db")), create=True)
        create_study(store, resolved, prepared, command="", keep_sealed=True)
        progress = StudyProgress(config.trials, metric=resolved.training_rules.metric)
        coordinator = Coordinator(resolved, prepared.trial_data, store=store, pool=pool, observer=progress)
        coordinator.run(lambda: False)
        yield load_study(store, config.name), store
        store.close()


def winner_of_study(
    config: StudyConfig, prepared: PreparedData, *, learners: Sequence[Learner] = ()
) -> Candidate:
    """Run a study as `proctor run` does, and return its winner; nothing is kept."""
    with searched_study(config, prepared) as (study, store):
        pool = InProcessPool(prepared.trial_data)
        return train_winner(study, prepared, store=store, pool=pool, learners=learners)
