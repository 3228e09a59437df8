"""A place for a bundle is refused before the work; a failure while it is filled says what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from serving.model.bundle_error import BundleError
from serving.model.bundle_folder import fill, refuse_folder
from tests.absent import absent


def refusal(folder: Path) -> str:
    with pytest.raises(BundleError) as refused:
        refuse_folder(folder)
    return str(refused.value)


def test_new_folders_empty_ones_and_bundles_are_accepted(bundle_folder: Path, tmp_path: Path) -> None:
    """Also by a link to one."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(bundle_folder)
    for folder in (tmp_path / "new", tmp_path / "empty", bundle_folder, tmp_path / "link"):
        refuse_folder(folder)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    """A bundle would appear where nobody looks for it."""
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    assert refusal(tmp_path / "link") == (
        f"{tmp_path / 'link'} is a link that leads nowhere; name another folder"
    )


@pytest.mark.parametrize("name", ["notes.txt", "figures.json/"])
def test_a_bundle_with_other_files_beside_it_is_refused(bundle_folder: Path, name: str) -> None:
    """They would be deleted with it."""
    if name.endswith("/"):
        (bundle_folder / name).mkdir()
    else:
        (bundle_folder / name).write_text("mine")
    assert refusal(bundle_folder) == (
        f"{bundle_folder} holds {name.rstrip('/')}, which no bundle has; move it, or name another folder"
    )


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """With the folder that was asked for, not the one that is filled."""
    if not Path("/dev/full").exists():
        absent("only Linux has a device that is always full")
    (tmp_path / "bundle.json").symlink_to("/dev/full")
    with pytest.raises(BundleError) as failed:
        fill(tmp_path, {"bundle.json": b"{}"}, Path("models/bundle"))
    assert str(failed.value) == (
        "models/bundle cannot be written (No space left on device); an earlier bundle is unchanged"
    )
