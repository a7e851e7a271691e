"""Winner and baselines by the names that people read, with all of their figures."""

from collections.abc import Mapping

from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Figures, Winner
from service.report.wording.dev_figure import WINNER_NETWORK, average_name


def by_model_and_set(winner: Winner, report: StudyReport) -> Mapping[str, Mapping[str, Figures]]:
    """Return all figures that are known: what is shipped first, the constant baseline last."""
    shipped, ensemble = shipped_name(winner), winner.ensemble
    rows = {shipped: winner.figures or {}}
    if ensemble is not None:
        other = ensemble.single_figures if ensemble.is_shipped else ensemble.average_figures
        rows[other_name(winner)] = other
    rows |= dict(reversed(winner.baselines.items()))
    if report.test is None:
        return rows
    on_test = {shipped if name == "winner" else name: of for name, of in report.test.models.items()}
    return {
        model: {**by_set, "test": on_test[model]} if model in on_test else by_set
        for model, by_set in rows.items()
    }


def shipped_name(winner: Winner) -> str:
    """Name what sits the test set, is exported and predicts."""
    if winner.ensemble is None:
        return "network"
    return average_name(winner.n_networks) if winner.ensemble.is_shipped else WINNER_NETWORK


def other_name(winner: Winner) -> str:
    """Name what was measured on the known sets and is not shipped; nothing where there is no such thing."""
    if winner.ensemble is None:
        return ""
    return WINNER_NETWORK if winner.ensemble.is_shipped else average_name(winner.ensemble.n_networks)
