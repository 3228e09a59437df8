"""Results on disk: a run that was killed goes on from them."""

import os
import stat

import pytest

from training.tasks.kept_results import KeptResults
from training.tasks.serial import SERIAL
from training.tasks.task import Task, results


def noted(number, seen):
    """Note each call in a file, so that a repeated one is seen."""
    with seen.open("a") as file:
        file.write(f"{number}\n")
    return number * 2


def failed(number, seen):
    raise KeyboardInterrupt


def test_finished_tasks_are_not_run_again(tmp_path):
    """After an interruption; the folder is removed when all is done."""
    seen, folder = tmp_path / "seen", tmp_path / "kept"
    tasks = [Task(f"{n}", noted, (n, seen)) for n in range(3)]
    broken = [*tasks[:2], Task("2", failed, (2, seen))]
    with pytest.raises(KeyboardInterrupt), KeptResults(SERIAL, folder) as runner:
        results(runner, broken)
    assert len(list(folder.iterdir())) == 2
    with KeptResults(SERIAL, folder) as runner:
        assert [done.value for done in results(runner, tasks)] == [0, 2, 4]
    assert seen.read_text().split() == ["0", "1", "2"]
    assert not folder.exists()


def test_only_the_owner_may_read_what_is_kept(tmp_path):
    """The folder may have existed."""
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o755)
    with KeptResults(SERIAL, folder) as runner:
        results(runner, [Task("a", max, (1, 2))])
        kept = [folder, *folder.iterdir()]
        assert [stat.filemode(each.stat().st_mode) for each in kept] == ["drwx------", "-rw-------"]


def test_a_result_that_was_half_written_is_made_again(tmp_path):
    """A killed process leaves a file that is not taken for a result."""
    folder = tmp_path / "kept"
    folder.mkdir()
    with KeptResults(SERIAL, folder) as runner:
        task = Task("a", max, (1, 2))
        runner._file(task).with_suffix(".part").write_bytes(b"half")
        assert results(runner, [task])[0].value == 2


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_read(tmp_path):
    """A pickle of somebody else could run code."""
    with KeptResults(SERIAL, tmp_path / "kept") as runner:
        task = Task("a", max, (1, 2))
        runner._file(task).write_bytes(b"not ours")
        os.chown(runner._file(task), 65534, -1)
        assert results(runner, [task])[0].value == 2
