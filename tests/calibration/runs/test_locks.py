"""One process at a time writes to a run folder; a run that never began leaves nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calibration import Item, extract, import_log, merge_runs, read_run
from calibration.errors import SettingsDifferError
from calibration.models.local.transformers_model import LocalModel
from calibration.runs.folder import Run
from calibration.runs.locks import LOCK, locked
from calibration.runs.manifests import write_manifest
from factuality import Question, ask, truthfulqa_mc
from tests import tiny

QUESTION = Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))
LONG_ITEM = Item("long", "history", "Which? " * 5000, ("yes", "no"), 0)
LONG = Question("long", "science", "What colour is the Sun? " * 500, ("white",), ("yellow",))


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return tiny.model()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.csv"
    file.write_text("id,logit_A,logit_B,answer\n0,2,1,A\n1,2,1,B\n")
    return file


Command = Callable[[Path], object]


@pytest.fixture(params=["extract", "import", "ask", "truthfulqa", "merge"])
def command(request: pytest.FixtureRequest, model: LocalModel, log: Path, tmp_path: Path) -> Command:
    """A way of writing a run."""
    if request.param == "merge":
        import_log(log, out=tmp_path / "shard")
    commands: dict[str, Command] = {
        "extract": lambda out: extract(model, tiny.items(2), out=out),
        "import": lambda out: import_log(log, out=out),
        "ask": lambda out: ask(model, [QUESTION], max_new_tokens=2, out=out),
        "truthfulqa": lambda out: truthfulqa_mc(model, [QUESTION], out=out),
        "merge": lambda out: merge_runs([tmp_path / "shard"], out=out),
    }
    return commands[str(request.param)]


def contents(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_command_is_refused_while_another_process_writes(command: Command, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with locked(run):
        with pytest.raises(ValueError, match="another process is writing to this run; wait for it, or choose another"):
            command(run)
        assert contents(run) == [LOCK]
    assert not run.exists()
    command(run)
    assert (run / "run.json").is_file()


def test_a_lock_ends_with_its_process(log: Path, tmp_path: Path) -> None:
    """What a killed process leaves before it began is an empty run, and holds nobody."""
    run = tmp_path / "run"
    program = (
        "import sys, time\nfrom calibration.runs.locks import locked\n"
        "with locked(sys.argv[1]):\n    print('locked', flush=True)\n    time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(run)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    with pytest.raises(ValueError, match="another process is writing to this run"):
        import_log(log, out=run)
    process.kill()
    process.communicate()
    assert contents(run) == [LOCK]
    import_log(log, out=run)
    assert read_run(run).n_items == 2


def test_the_folder_is_looked_at_under_the_lock(model: LocalModel, log: Path, tmp_path: Path) -> None:
    """Whoever comes second sees all that the first one wrote: equal settings continue, others are refused."""
    run, other = tmp_path / "run", tmp_path / "other.csv"
    other.write_text("id,logit_A,logit_B,answer\nr0,1,2,A\n")
    import_log(log, out=run)
    import_log(log, out=run)
    with pytest.raises(SettingsDifferError, match=r"model: 'log' there, 'other' now"):
        import_log(other, out=run)
    with pytest.raises(SettingsDifferError):
        extract(model, tiny.items(2), out=run)
    assert read_run(run).item.tolist() == ["0", "1"]


def test_what_never_began_leaves_nothing(model: LocalModel, log: Path, tmp_path: Path) -> None:
    run = tmp_path / "new" / "run"
    with pytest.raises(ValueError, match="nothing is cut"):
        extract(model, [*tiny.items(1), LONG_ITEM], out=run)
    with pytest.raises(ValueError, match="nothing is cut"):
        ask(model, [LONG], max_new_tokens=2, out=run)
    with pytest.raises(ValueError, match="nothing is cut"):
        truthfulqa_mc(model, [LONG], out=run)
    import_log(log, out=tmp_path / "shard")
    manifest = Run(tmp_path / "shard").manifest
    write_manifest({**manifest, "state": "running", "n_items": 3}, tmp_path / "shard")
    with pytest.raises(ValueError, match="a merged run must be whole"):
        merge_runs([tmp_path / "shard"], out=run)
    assert contents(tmp_path) == ["log.csv", "shard"]


def test_a_folder_that_was_there_stays(model: LocalModel, tmp_path: Path) -> None:
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    full.mkdir()
    (full / "thesis.tex").touch()
    with pytest.raises(ValueError, match="nothing is cut"):
        extract(model, [LONG_ITEM], out=empty)
    with pytest.raises(ValueError, match="it holds other files"):
        extract(model, tiny.items(2), out=full)
    assert (contents(empty), contents(full)) == ([], ["thesis.tex"])


def test_a_file_or_a_link_to_nothing_is_no_folder(log: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    with pytest.raises(ValueError, match=r"link: must be a new or empty folder, .*; it is a link to nothing"):
        import_log(log, out=tmp_path / "link")
    with pytest.raises(ValueError, match=r"log\.csv: must be a new or empty folder, .*; it is no folder"):
        import_log(log, out=log)
    assert contents(tmp_path) == ["link", "log.csv"]


def test_a_folder_that_is_a_link_is_written_through_it(log: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "other")
    import_log(log, out=tmp_path / "run")
    assert contents(tmp_path / "other") == ["parts", "run.json", LOCK]


@pytest.mark.parametrize(
    "make", [lambda lock, mine: lock.symlink_to(mine), lambda lock, _: lock.mkdir()], ids=["link", "folder"]
)
def test_a_lock_that_is_no_file_is_refused(make: Callable[[Path, Path], None], log: Path, tmp_path: Path) -> None:
    run, mine = tmp_path / "run", tmp_path / "mine.txt"
    mine.write_text("precious")
    import_log(log, out=run)
    (run / LOCK).unlink()
    make(run / LOCK, mine)
    with pytest.raises(ValueError, match=r"run\.lock: must be a file of the run's own, got a link or a folder; remove"):
        import_log(log, out=run)
    assert mine.read_text() == "precious"


@pytest.mark.parametrize("name", ["run.tmp", "items.tmp", "parts/part-000000.tmp", "items.parquet"])
def test_links_in_a_new_folder_are_not_followed(name: str, model: LocalModel, tmp_path: Path) -> None:
    run, mine = tmp_path / "run", tmp_path / "mine.txt"
    mine.write_text("precious")
    (run / "parts").mkdir(parents=True)
    (run / name).symlink_to(mine)
    extract(model, tiny.items(2), out=run)
    assert mine.read_text() == "precious"
    assert not [path for path in run.rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("name", ["parts", "items.parquet", "parts/part-000000.parquet"])
def test_a_run_is_not_continued_through_links(name: str, model: LocalModel, tmp_path: Path) -> None:
    run = tmp_path / "run"
    extract(model, tiny.items(2), out=run)
    (run / name).rename(tmp_path / "moved")
    (run / name).symlink_to(tmp_path / "moved")
    assert read_run(run).n_items == 2
    with pytest.raises(ValueError, match=rf"{name}: must be a file or folder of the run's own to continue it"):
        extract(model, tiny.items(2), out=run)


def test_parts_of_a_new_run_do_not_go_through_a_link(log: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "parts").symlink_to(tmp_path / "mine")
    with pytest.raises(ValueError, match="parts: must be a file or folder of the run's own"):
        import_log(log, out=tmp_path / "run")
    assert contents(tmp_path / "mine") == []
