"""Files that a command writes: refused before the work, whole, private where patients are in them."""

from __future__ import annotations

import os
import shutil
import stat
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.files.atomic_write import create_whole, new_folder, write_whole
from features.files.output_files import Output, Outputs
from features.problems import DataError


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Whatever the shell has set."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def refusal(*files: Output, inputs: tuple[Path, ...] = (), overwrite: bool = False) -> str:
    """Message of files that are refused."""
    with pytest.raises(DataError) as refused:
        Outputs(*files, inputs=inputs, overwrite=overwrite)
    return str(refused.value)


def test_an_existing_file_stays(tmp_path: Path) -> None:
    """The message names its whole path and the option."""
    file = tmp_path / "c.csv"
    file.write_text("mine")
    assert refusal(Output(file)) == (
        f"{file}: 1 problem\n  the file to write exists: name another file, or replace it with --overwrite"
    )
    Outputs(Output(file), overwrite=True).write({file: "new"})
    assert file.read_text() == "new"


@pytest.mark.parametrize("link", ["symbolic", "hard", "dotted"])
def test_an_input_is_never_replaced(tmp_path: Path, link: str) -> None:
    """Whatever name it goes by, and although replacing was allowed."""
    source, other = tmp_path / "raw.csv", tmp_path / "other.csv"
    source.write_text("patients")
    if link == "symbolic":
        other.symlink_to(source)
    elif link == "hard":
        os.link(source, other)
    else:
        (tmp_path / "folder").mkdir()
        other = tmp_path / "folder" / ".." / "raw.csv"
    assert "the file to write is the file that is read" in refusal(
        Output(other), inputs=(source,), overwrite=True
    )


def test_a_folder_that_is_read_is_not_written_to(tmp_path: Path) -> None:
    """A report must not replace a part of the bundle that it reports."""
    (tmp_path / "bundle").mkdir()
    file = tmp_path / "bundle" / "bundle.json"
    file.write_text("{}")
    told = refusal(Output(file, ".json"), inputs=(tmp_path / "bundle",), overwrite=True)
    assert "the file to write is in the folder that is read: name one elsewhere" in told


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    """The file that it leads to is replaced, and is named where it must not be."""
    file, link = tmp_path / "real.csv", tmp_path / "link.csv"
    file.write_text("old")
    link.symlink_to(file)
    assert f"the file to write exists, by a link to {file}" in refusal(Output(link))
    Outputs(Output(link), overwrite=True).write({link: "new"})
    assert (file.read_text(), link.is_symlink()) == ("new", True)


@pytest.mark.parametrize("leads_to", ["nowhere.csv", "link.csv"])
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, leads_to: str) -> None:
    """Also one that leads to itself."""
    (tmp_path / "link.csv").symlink_to(tmp_path / leads_to)
    assert "a broken link" in refusal(Output(tmp_path / "link.csv"), overwrite=True)


def test_folders_and_devices_are_refused(tmp_path: Path) -> None:
    """Nothing is waited for, and no device is replaced."""
    (tmp_path / "c.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "null.csv").symlink_to("/dev/null")
    assert "is a folder: name a file in it" in refusal(Output(tmp_path / "c.csv"), overwrite=True)
    for name in ("pipe.csv", "null.csv"):
        assert "is not a regular file" in refusal(Output(tmp_path / name), overwrite=True)
    assert "is not a regular file" in refusal(Output(Path("/dev/null")), overwrite=True)


@pytest.mark.parametrize("other", ["a.csv", "A.CSV", "d/../a.csv", "link.csv"])
def test_two_outputs_are_two_files(tmp_path: Path, other: str) -> None:
    """Also where the file system ignores capital letters."""
    (tmp_path / "d").mkdir()
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "link.csv").symlink_to("a.csv")
    told = refusal(Output(tmp_path / "a.csv"), Output(tmp_path / other), overwrite=True)
    assert "two files to write are the same file" in told


def test_a_folder_without_permission_is_refused_before_the_work(tmp_path: Path) -> None:
    """A file system that is mounted for reading is such a folder for everybody."""
    told = refusal(Output(Path("/proc/self/c.csv")))
    assert told.startswith("/proc/self/c.csv: 1 problem\n  the folder of the file to write is not writable (")


def test_a_full_disk_is_refused_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files on one disk need room together."""
    usage = namedtuple("usage", "total used free")(10**9, 10**9 - 5_500_000, 5_500_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    one, two = Output(tmp_path / "a.csv", n_bytes=3_000_000), Output(tmp_path / "b.csv", n_bytes=3_000_000)
    Outputs(one)
    assert refusal(one, two) == (
        f"{tmp_path / 'b.csv'}: 1 problem\n  the disk needs 7.0 MB of free space, got 5.5 MB: "
        "free some space, or name a file on another disk"
    )


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    """Between the check and the writing, even in the last moment."""
    file = tmp_path / "c.csv"
    outputs = Outputs(Output(file))
    file.write_text("theirs")
    with pytest.raises(DataError, match="the file to write exists"):
        outputs.write({file: "ours"})
    temporary = tmp_path / "t"
    temporary.write_text("ours")
    with pytest.raises(FileExistsError):
        create_whole(temporary, file)
    assert file.read_text() == "theirs"


def test_without_hard_links_a_file_is_created_whole_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems have none."""

    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", unsupported)
    file = tmp_path / "c.csv"
    Outputs(Output(file, patients=True)).write({file: "new"})
    assert (file.read_text(), mode(file)) == ("new", "0o600")
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.csv"]
    with pytest.raises(FileExistsError):
        create_whole(file, file)


def test_a_failure_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of two outputs, old and new, when the second does not fit."""
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("old")
    synced, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        synced(handle)

    monkeypatch.setattr(os, "fsync", full)
    outputs = Outputs(Output(old), Output(new), overwrite=True)
    with pytest.raises(DataError) as refused:
        outputs.write({old: "x", new: "y"})
    assert str(refused.value).startswith(f"{new}: 1 problem\n  the file cannot be written (No space left on")
    assert (old.read_text(), [entry.name for entry in tmp_path.iterdir()]) == ("old", ["old.csv"])


def test_a_file_that_appears_in_the_last_moment_undoes_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program makes the second of two files while they are written."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    outputs, synced = Outputs(Output(first), Output(second)), os.fsync

    def meanwhile(handle: int) -> None:
        synced(handle)
        second.write_text("theirs")

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(DataError) as refused:
        outputs.write({first: "ours", second: "ours"})
    assert str(refused.value) == (
        f"{second}: 1 problem\n  the file was made by another program meanwhile: "
        "name another file, or replace it with --overwrite"
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["second.csv"]
    assert second.read_text() == "theirs"


@pytest.mark.parametrize(("umask", "other"), [(0o022, "0o644"), (0o077, "0o600"), (0o002, "0o664")])
def test_files_with_patients_are_private_and_others_follow_the_umask(
    tmp_path: Path, umask: int, other: str
) -> None:
    """Whatever the umask is."""
    os.umask(umask)
    private, plain = tmp_path / "c.csv", tmp_path / "d.csv"
    Outputs(Output(private, patients=True), Output(plain)).write({private: "1", plain: "2"})
    assert (mode(private), mode(plain)) == ("0o600", other)


@pytest.mark.parametrize(
    ("before", "private", "after"),
    [(0o600, False, "0o600"), (0o644, True, "0o600"), (0o640, False, "0o640"), (0o400, True, "0o400")],
)
def test_the_stricter_permissions_stay(tmp_path: Path, before: int, private: bool, after: str) -> None:
    """Replacing a file opens it to nobody."""
    file = tmp_path / "c.csv"
    file.write_text("old")
    file.chmod(before)
    write_whole(file, "new", private=private)
    assert (file.read_text(), mode(file)) == ("new", after)


def test_temporary_files_are_as_private_as_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads a row while it is written, nor after a crash."""
    seen, synced = [], os.fsync

    def look(handle: int) -> None:
        seen.extend(mode(entry) for entry in tmp_path.iterdir())
        synced(handle)

    monkeypatch.setattr(os, "fsync", look)
    write_whole(tmp_path / "c.csv", "patients", private=True)
    assert seen == ["0o600"]


def test_new_folders_follow_the_umask_and_pass_on_what_is_stricter(tmp_path: Path) -> None:
    """Such as a bundle's."""
    assert mode(new_folder(beside=tmp_path / "b")) == "0o755"
    (tmp_path / "b").mkdir(mode=0o700)
    assert mode(new_folder(beside=tmp_path / "b")) == "0o700"
