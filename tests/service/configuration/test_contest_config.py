"""A contest as it is written: kinds in a flag or a file, what each has of its own, and what is refused."""

from pathlib import Path

import pytest

from search_spaces.boosting.space import BoostingSpace
from search_spaces.linear.space import LinearSpace
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset
from service.configuration.command_flags import study_of
from service.configuration.study_config import ResolvedStudy, StudyConfig, contest_names, resolve
from service.errors import BadInputError
from workers.train_dev_data import Task


def contest(**flags: object) -> StudyConfig:
    return study_of("wine", {"model": "network,boosting,linear", **flags})[0]


def refusal(**flags: object) -> str:
    with pytest.raises(BadInputError) as caught:
        contest(**flags)
    return str(caught.value)


def test_each_kind_has_its_own_space_and_defaults() -> None:
    config = contest()
    assert config.kinds == ["network", "boosting", "linear"]
    assert (config.name, config.model.kind) == ("wine-network", "network")
    network, boosting, _ = config.contest
    assert (network.space, network.training) == (config.space, config.training)
    assert boosting.space == load_preset(BoostingSpace, "default")
    assert [entrant.training.max_epochs for entrant in config.contest] == [60, 500, 1]


def test_what_is_said_for_all_holds_for_all() -> None:
    config = contest(space="small", max_epochs=7)
    assert [entrant.training.max_epochs for entrant in config.contest] == [7, 7, 7]
    assert [entrant.training.patience for entrant in config.contest] == [10, 30, 1]
    assert config.contest[1].space == load_preset(BoostingSpace, "small")


def test_a_study_file_may_give_each_kind_its_own(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        'name = "made"\n[data]\ntable = "wine"\n'
        '[[contest]]\nmodel = "linear"\n[[contest]]\nmodel = "boosting"\n'
        "space = { learning_rate = 0.1 }\ntraining = { max_epochs = 9 }\n",
        encoding="utf-8",
    )
    config, _ = study_of(str(path), {})
    assert (config.name, config.model.kind) == ("made-linear", "linear")
    assert config.contest[1].space.searched_names == ()
    assert config.contest[1].training.max_epochs == 9
    single, _ = study_of(str(path), {"model": "boosting"})
    assert (single.name, single.model.kind, single.contest) == ("made", "boosting", ())


def test_what_is_the_first_kinds_own_is_its_studys(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        '[data]\ntable = "wine"\n[training]\nmax_epochs = 7\n[space]\ndepth = 1\n'
        '[[contest]]\nmodel = "network"\nspace = { depth = 2 }\ntraining = { max_epochs = 9 }\n'
        '[[contest]]\nmodel = "linear"\n',
        encoding="utf-8",
    )
    config, _ = study_of(str(path), {})
    network, linear = config.contest
    assert (config.space, config.training) == (network.space, network.training)
    assert network.space == NetworkSpace.model_validate({"depth": 2})
    assert network.training.max_epochs == 9
    assert linear.training.max_epochs == 7


def test_a_space_that_is_a_table_is_the_first_kinds(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        'contest = ["network", "linear"]\n[data]\ntable = "wine"\n[space]\nbase = "default"\ndepth = 1\n',
        encoding="utf-8",
    )
    config, _ = study_of(str(path), {})
    assert config.contest[0].space == config.space
    assert "depth" in config.space.dimensions
    assert config.contest[1].space == load_preset(LinearSpace, "default")


def test_it_is_kept_as_it_is_with_spaces_that_fit_the_task() -> None:
    config, _ = study_of("diabetes", {"model": "network,linear"})
    resolved = resolve(config, task=Task.REGRESSION, class_counts=())
    assert all("class_balance" not in entrant.space.dimensions for entrant in resolved.contest)
    later = resolved.model_copy(
        update={"model": resolved.contest[1].model, "space": resolved.contest[1].space}
    )
    for each in (resolved, later):
        assert ResolvedStudy.model_validate(each.model_dump(mode="json")) == each


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        ({"model": "network,boostin"}, "--model: no such kind of model; did you mean boosting?"),
        ({"model": "linear,linear"}, "--model: expected each kind of model once, got linear 2 times"),
        ({"rounds": 2}, "--model: cannot be used with rounds, which go on with a single kind of model"),
        (
            {"warm_start": "other"},
            "--model: cannot be used with warm_start, whose points are those of a single kind of model",
        ),
    ],
)
def test_what_contradicts_it_is_refused_in_a_line(flags: dict[str, object], line: str) -> None:
    assert refusal(**flags) == line


def test_a_space_that_a_kind_has_not_is_refused() -> None:
    said = refusal(space="optimizers")
    assert said.startswith("--model: no built-in search space 'optimizers'; expected one of default, small")


def test_a_single_kind_in_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('contest = ["linear"]\n[data]\ntable = "wine"\n', encoding="utf-8")
    with pytest.raises(BadInputError, match=r"study.toml:1: contest: expected two kinds of model or more"):
        study_of(str(path), {})


def test_a_file_whose_model_is_another_than_the_first_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        'model = "network"\ncontest = ["linear", "network"]\n[data]\ntable = "wine"\n', encoding="utf-8"
    )
    with pytest.raises(BadInputError, match="contest: expected the study's model first, network, got linear"):
        study_of(str(path), {})


@pytest.mark.parametrize("name", ["houses", "houses-network", "n" * 64])
def test_names_end_in_the_kind_and_are_no_longer_than_names_may_be(name: str) -> None:
    names = contest_names(name, ["network", "linear"])
    assert [each.rpartition("-")[2] for each in names] == ["network", "linear"]
    assert contest_names(names[0], ["network", "linear"])[0] == names[0]
    assert max(map(len, names)) <= 64
    if name.startswith("houses"):
        assert names == ["houses-network", "houses-linear"]
