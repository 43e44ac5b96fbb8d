"""Vendored files are unchanged: the README in their folder lists their checksums."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = [
    ROOT / "tests/vendor/dictionary-cy",
    ROOT / "tests/vendor/scorm-1.2",
]
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| `(?P<sum>[0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_folder_of_vendored_files_is_checked() -> None:
    vendored = [*ROOT.glob("tests/vendor/*"), *ROOT.glob("api/**/vendor/*")]
    assert sorted(vendored) == sorted(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_vendored_files_have_the_checksums_in_their_readme(folder: Path) -> None:
    listed = {row["name"]: row["sum"] for row in ROW.finditer((folder / "README.md").read_text(encoding="utf-8"))}
    checksums = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert checksums == listed
