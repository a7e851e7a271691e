"""A study file with flags over it becomes a study, or one line that says what is wrong and where."""

import re
from pathlib import Path

import pytest

from service.configuration.search_config import SamplerConfig, SamplerName
from service.configuration.study_file import flag_of, launch_from_flags, read_study_file, study_from_flags
from service.errors import BadInputError
from workers.train_dev_data import Task

TABLE = '[data]\ntable = "digits"\n'
SPACE = f"{TABLE}[space]\n"
DEPTH = f"{TABLE}[space.depth]\n"


@pytest.fixture
def study_file(tmp_path: Path) -> Path:
    return tmp_path / "study.toml"


def test_a_file_gives_the_study_and_where_it_runs(study_file: Path) -> None:
    study_file.write_text(f'trials = 5\nspace = "small"\n{TABLE}task = "regression"\n[launch]\nworkers = 2\n')
    study, launch = read_study_file(study_file, {})
    assert (study.name, study.trials, study.data.task, launch.workers) == ("digits", 5, Task.REGRESSION, 2)
    assert "launch" not in study.model_dump()


def test_a_flag_goes_over_the_file(study_file: Path) -> None:
    study_file.write_text(f"trials = 5\nseed = 3\n{TABLE}[space]\ndepth = 1\n[launch]\nworkers = 2\n")
    overrides = {"trials": 9, "launch.workers": 1, "space": "small", "data.target": "y", "seed": None}
    study, launch = read_study_file(study_file, overrides)
    assert (study.trials, study.seed, study.data.target, launch.workers) == (9, 3, "y", 1)
    assert "learning_rate" in study.space.dimensions


def test_a_flag_mends_what_is_wrong_in_the_file(study_file: Path) -> None:
    study_file.write_text(f'trials = "many"\n{TABLE}')
    assert read_study_file(study_file, {"trials": 2})[0].trials == 2


def test_a_flag_names_another_sampler_than_the_file_however_that_writes_it(study_file: Path) -> None:
    for written in (f'sampler = "random"\n{TABLE}', f'{TABLE}[sampler]\nkind = "random"\n'):
        study_file.write_text(written)
        study, _ = read_study_file(study_file, {"sampler.kind": "qmc"})
        assert study.sampler == SamplerConfig(kind=SamplerName.QMC)


def test_an_option_of_the_files_other_sampler_is_refused_with_its_line(study_file: Path) -> None:
    study_file.write_text(f'{TABLE}[sampler]\nkind = "qmc"\nscramble = false\n')
    message = ":5: sampler.scramble: random does not have this option; it has none; got false"
    with pytest.raises(BadInputError, match=f"^{re.escape(str(study_file) + message)}$"):
        read_study_file(study_file, {"sampler.kind": "random"})


def test_flags_alone_make_a_study() -> None:
    study, launch = study_from_flags({"data.table": "digits", "launch.storage": "sqlite:///x.db", "seed": 4})
    assert (study.name, study.seed, launch.storage) == ("digits", 4, "sqlite:///x.db")


def test_a_tables_path_in_a_file_is_relative_to_the_file(
    study_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_file.write_text('[data]\ntable = "prices.csv"\n')
    monkeypatch.chdir("/")
    study, _ = read_study_file(Path(study_file), {})
    assert (study.data.table, study.name) == (str(tmp_path / "prices.csv"), "prices")


def test_a_tables_path_in_a_flag_is_relative_to_the_working_directory(
    study_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_file.write_text(TABLE)
    monkeypatch.chdir(tmp_path)
    assert read_study_file(study_file, {"data.table": "./b"})[0].data.table == str(tmp_path / "b")
    assert study_from_flags({"data.table": "b.csv"})[0].data.table == str(tmp_path / "b.csv")


def test_a_file_begun_with_a_byte_order_mark_and_windows_line_ends_is_read(study_file: Path) -> None:
    study_file.write_bytes(b"\xef\xbb\xbftrials = 7\r\n" + TABLE.replace("\n", "\r\n").encode())
    assert read_study_file(study_file, {})[0].trials == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'\n\ntrials = "many"\n{TABLE}', ':3: trials: expected a whole number of at least 1, got "many"'),
        (f"trials = true\n{TABLE}", ":1: trials: expected a whole number of at least 1, got true"),
        (f"trails = 3\n{TABLE}", ":1: trails: no such key; did you mean trials?"),
        (f"{TABLE}tagret = 1\n", ":3: data.tagret: no such key; did you mean target?"),
        (f"{TABLE}[lunch]\nworkers = 1\n", ":3: lunch: no such key; did you mean launch?"),
        (
            f"{TABLE}[launch]\nworkers = -1\n",
            ":4: launch.workers: expected a whole number of at least 0, got -1",
        ),
        (f"launch = 3\n{TABLE}", ":1: launch: expected a table, got 3"),
        (f'name = "a b"\n{TABLE}', ":1: name: expected at most 64 letters, digits"),
        (
            f'sampler = "gpp"\n{TABLE}',
            ':1: sampler.kind: expected one of tpe, random, qmc, gp, cma-es, grid, got "gpp"',
        ),
        (
            f"{TABLE}[pruner]\nfactor = 3\n",
            ":4: pruner.factor: no such key; expected one of kind, reduction_factor",
        ),
        (f'space = "smal"\n{TABLE}', ":1: space: no built-in search space 'smal'; did you mean small?"),
        (f"space = 3\n{TABLE}", ":1: space: expected the name of a built-in search space or a table"),
        (f'{SPACE}base = "smal"\n', ":4: space.base: no built-in search space 'smal'"),
        (
            f"{DEPTH}low = 1\nhigh = 2\n[space.learning_rat]\nlow = 1\n",
            ":6: space.learning_rat: no such hyperparameter; did you mean learning_rate?",
        ),
        (f"{DEPTH}low = 3\nhigh = 2\n", ":4: space.depth.low: a range needs low <= high"),
        (f"{DEPTH}low = 1\nhihg = 2\n", ":5: space.depth.hihg: no such key; did you mean high?"),
        (f"{DEPTH}low = 1\n", ":3: space.depth.high: missing; expected a whole number: greatest value"),
        (f"{DEPTH}low = 1.5\nhigh = 2\n", ":4: space.depth.low: expected a whole number, got 1.5"),
        (
            f'{DEPTH}kind = "int"\n',
            ':3: space.depth: expected a kind among float, integer, categorical, constant, got "int"',
        ),
        (f"{SPACE}batch_size = 0\n", ":4: space.batch_size: expected a whole number of at least 1, got 0"),
        (f"{SPACE}batch_size = true\n", ":4: space.batch_size: expected a number or text, got true"),
        (
            f"{SPACE}activation = {{ choices = 'relu' }}\n",
            ':4: space.activation.choices: expected a list, got "relu"',
        ),
        (
            f"{SPACE}depth = {{ choices = [1, false] }}\n",
            ":4: space.depth.choices[2]: expected a number or text",
        ),
        (
            f"{SPACE}depth = {{ low = 1, high = 2, log = 1 }}\n",
            ":4: space.depth.log: expected true or false, got 1",
        ),
        (
            f"{SPACE}depth = {{ low = 1, high = 2, when = 3 }}\n",
            ":4: space.depth.when: expected a table, got 3",
        ),
        (
            f"{SPACE}width = 3\ndepth = {{ low = 1, high = 2, when = {{ width = {{ atleast = 3 }} }} }}\n",
            ":5: space.depth.when.width.atleast: no such key; did you mean at_least?",
        ),
        (
            f"{SPACE}depth = {{ low = 1, high = 2, when = {{ width = [true] }} }}\n",
            ":4: space.depth.when.width[1]: expected a number or text, got true",
        ),
        (
            f'{SPACE}base = "default"\n[space.width_3]\nlow = 8\nhigh = 16\n',
            ":5: space.width_3: layer 3 needs depth >= 3, and depth may be 1; add when",
        ),
        ("trials = 3\n", ": data.table: missing; expected text: a built-in table"),
        ("data = 3\n", ":1: data: expected a table, got 3"),
        (f"born = 1979-05-27\n{TABLE}", ":1: born: no such key"),
        (
            f"trials = 1979-05-27\n{TABLE}",
            ':1: trials: expected a whole number of at least 1, got "1979-05-27"',
        ),
        (f"bayes_error = inf\n{TABLE}", ":1: bayes_error: expected a number of at least 0, got Infinity"),
        ("trials = \n", ":1: invalid TOML: Invalid value"),
        ("a = " + "[" * 5000, ": invalid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(study_file: Path, text: str, message: str) -> None:
    study_file.write_text(text)
    with pytest.raises(BadInputError, match=f"^{re.escape(str(study_file) + message)}") as caught:
        read_study_file(study_file, {})
    assert "\n" not in str(caught.value)


def test_more_than_one_thing_wrong_is_counted(study_file: Path) -> None:
    study_file.write_text(f"trials = 0\nseed = -1\n{TABLE}tagret = 1\n")
    with pytest.raises(BadInputError, match=r"seed: .*, got -1 \(and 2 more\)$"):
        read_study_file(study_file, {})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"trials": 0}, "--trials: expected a whole number of at least 1, got 0"),
        ({"launch.workers": -1}, "--workers: expected a whole number of at least 0, got -1"),
        ({"space": "smal"}, "--space: no built-in search space 'smal'; did you mean small?"),
        (
            {"pruner.kind": "asha"},
            '--pruner: expected one of successive-halving, hyperband, median, threshold, none, got "asha"',
        ),
        ({"data.table": ""}, 'TABLE: expected text, got ""'),
        ({"training.max_epochs": 0}, "--max-epochs: expected a whole number of at least 1, got 0"),
    ],
)
def test_a_wrong_flag_is_named(study_file: Path, overrides: dict[str, object], message: str) -> None:
    study_file.write_text(TABLE)
    with pytest.raises(BadInputError, match=f"^{re.escape(message)}$"):
        read_study_file(study_file, overrides)
    with pytest.raises(BadInputError, match=f"^{re.escape(message)}$"):
        study_from_flags({"data.table": "digits", **overrides})


def test_flags_alone_say_where_a_stored_study_runs() -> None:
    launch = launch_from_flags(
        {"launch.storage": "sqlite:///x.db", "launch.workers": 3, "launch.address": None}
    )
    assert (launch.storage, launch.workers, launch.address) == ("sqlite:///x.db", 3, None)
    with pytest.raises(BadInputError, match=r"^--workers: expected a whole number of at least 0, got -1$"):
        launch_from_flags({"launch.workers": -1})


def test_a_study_waits_for_its_database_as_long_as_is_said_and_ten_minutes_else() -> None:
    assert launch_from_flags({}).storage_patience == 600
    assert launch_from_flags({"launch.storage_patience": 0.0}).storage_patience == 0
    with pytest.raises(BadInputError, match=r"--storage-patience: expected .* got -1"):
        launch_from_flags({"launch.storage_patience": -1.0})


def test_no_table_at_all_is_said() -> None:
    with pytest.raises(BadInputError, match=r"^data\.table: missing; expected text: a built-in table"):
        study_from_flags({})


def test_a_flag_is_named_as_it_is_typed() -> None:
    assert flag_of("data.target") == "--target"
    assert flag_of("bayes_error") == "--bayes-error"


def test_a_file_that_is_not_there_is_said(study_file: Path) -> None:
    with pytest.raises(BadInputError, match=r"study\.toml: no such study file$"):
        read_study_file(study_file, {})


def test_a_directory_is_no_study_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"expected a study file, got a directory$"):
        read_study_file(tmp_path, {})


def test_bytes_that_are_no_text_are_said_with_their_line(study_file: Path) -> None:
    study_file.write_bytes(b"trials = 3\n# caf\xe9\n")
    with pytest.raises(BadInputError, match=r"study\.toml:2: expected UTF-8 text, got other bytes$"):
        read_study_file(study_file, {})


def test_a_path_through_a_file_is_said(study_file: Path) -> None:
    study_file.write_text(TABLE)
    with pytest.raises(BadInputError, match=r"the study file cannot be read: Not a directory$"):
        read_study_file(study_file / "study.toml", {})
