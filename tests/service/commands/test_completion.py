"""What a shell offers after Tab: commands, flags, and their values, with the studies of a database."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import proctor
from service.commands.completion import SHELLS
from service.study.storage.database_url import file_url
from service.study.storage.study_format import FORMAT
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import PROCTOR, environment

BASH = shutil.which("bash")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    store = StudyStore(file_url(tmp_path / "proctor.db"), create=True)
    for name in ("iris", "iris-2", "wine"):
        store.create(name, {"format": FORMAT, "config": {}})
    store.close()
    return tmp_path


def offered(words: str, **env: str) -> list[str]:
    """Return what stands for the last of a command's words, which may be empty, as bash is answered."""
    n_before = len(words.split(" ")) - 1
    result = CliRunner().invoke(
        proctor,
        prog_name="proctor",
        env={
            "COMP_WORDS": words,
            "COMP_CWORD": f"{n_before}",
            "_PROCTOR_COMPLETE": "bash_complete",
            "PROCTOR_STORAGE": None,
            **env,
        },
    )
    assert result.exit_code == 0
    assert result.stderr == ""
    return result.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("proctor res", ["plain,resume"]),
        ("proctor run --pru", ["plain,--pruner"]),
        ("proctor run --pruner h", ["plain,hyperband"]),
        ("proctor run --sampler g", ["plain,gp", "plain,grid"]),
        ("proctor run --metric rm", ["plain,rmse"]),
        ("proctor run --watch log", ["plain,log_loss"]),
        ("proctor run --space def", ["plain,default"]),
        ("proctor run --task r", ["plain,regression"]),
        ("proctor run --equal-rows t", ["plain,together"]),
        ("proctor spaces show def", ["plain,default"]),
        ("proctor run di", ["file,di", "plain,diabetes", "plain,digits"]),
        ("proctor run ", ["file,"]),
        ("proctor data iri", ["file,iri", "plain,iris"]),
        ("proctor completion z", ["plain,zsh"]),
    ],
)
def test_a_word_that_is_begun_is_completed(words: str, expected: list[str]) -> None:
    assert offered(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("proctor resume ", ["plain,iris", "plain,iris-2", "plain,wine"]),
        ("proctor unseal w", ["plain,wine"]),
        ("proctor compare iris i", ["plain,iris", "plain,iris-2"]),
        ("proctor predict w", ["file,w", "plain,wine"]),
        ("proctor run table.csv --warm-start w", ["plain,wine"]),
        ("proctor resume --storage URL w", ["plain,wine"]),
    ],
)
def test_a_study_is_completed_from_the_database_of_the_command(
    words: str, expected: list[str], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = file_url(directory / "proctor.db")
    if "URL" in words:
        assert offered(words.replace("URL", url)) == expected
    else:
        assert offered(words, PROCTOR_STORAGE=url) == expected
        monkeypatch.chdir(directory)
        assert offered(words) == expected


@pytest.mark.parametrize(
    "storage", ["sqlite:///none.db", "postgresql://127.0.0.1:1/none", "nothing:at-all", "no-url", ""]
)
def test_a_database_that_cannot_be_read_completes_nothing_in_silence(
    storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert offered("proctor resume ", PROCTOR_STORAGE=storage) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_completes_with_the_printed_script(directory: Path) -> None:
    asked = """eval "$(proctor completion bash)"
    COMP_WORDS=(proctor resume ir) COMP_CWORD=2
    _proctor_completion proctor
    echo "${COMPREPLY[@]}"
    """
    answer = subprocess.run(
        [str(BASH), "--norc", "-c", asked],
        cwd=directory,
        env=environment(PATH=f"{PROCTOR.parent}{os.pathsep}{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert (answer.stdout, answer.stderr) == ("iris iris-2\n", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script_that_asks_proctor(shell: str) -> None:
    script = CliRunner().invoke(proctor, ["completion", shell], prog_name="proctor").stdout
    assert f"_PROCTOR_COMPLETE={shell}_complete" in script
