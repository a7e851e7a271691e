"""A whole study in this process, without Ray and without a screen: the search, and its winner."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig, resolve
from service.data.preparation.prepared_data import PreparedData
from service.study.search.coordinator import Coordinator
from service.study.search.progress import StudyProgress
from service.study.storage.database import open_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_study import create_study, load_study
from service.winner.examination.baselines import Learner
from service.winner.examination.candidate import Candidate
from service.winner.examination.conclusion import train_winner
from workers.pools.in_process_pool import InProcessPool


def winner_of_study(
    config: StudyConfig, prepared: PreparedData, *, learners: Sequence[Learner] = ()
) -> Candidate:
    """Run a study as `proctor run` does, and return its winner; nothing is kept."""
    resolved = resolve(
        config,
        task=prepared.split.task,
        class_counts=prepared.class_counts,
        has_dates=prepared.has_dates,
    )
    pool = InProcessPool(prepared.trial_data)
    with tempfile.TemporaryDirectory() as directory:
        store = open_storage(LaunchConfig(storage=file_url(Path(directory) / "study.db")), create=True)
        create_study(store, resolved, prepared, command="", keep_sealed=True)
        progress = StudyProgress(config.trials, metric=resolved.training_rules.metric)
        coordinator = Coordinator(resolved, prepared.trial_data, store=store, pool=pool, observer=progress)
        coordinator.run(lambda: False)
        study = load_study(store, config.name)
        candidate = train_winner(study, prepared, store=store, pool=pool, learners=learners)
        store.close()
    return candidate
