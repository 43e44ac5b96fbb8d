"""The check of a content folder against the printed booklet."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.domain.errors import FolderIssue, InvalidFolderError
from api.services.booklets.folder import read_folder
from tests.services.booklets.folder.samples import write_second_booklet
from tools.booklet.checking import find_printed_issues
from tools.booklet.source import read_booklet_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the second booklet, in which one prompt refers to line 2 of the printed booklet."""
    return write_second_booklet(tmp_path / "b", [("prompts.yaml", "human\n", 'human\n      printed: "2"\n')])


def issues_with_booklet(folder: Path, booklet: str) -> list[FolderIssue]:
    (folder / "booklet.en.md").write_text(booklet)
    return find_printed_issues(read_booklet_source(folder))


def test_a_folder_without_a_printed_booklet_has_no_issues(folder: Path) -> None:
    source = read_booklet_source(folder)
    assert source.lines is None
    assert find_printed_issues(source) == []


def test_differences_in_case_and_quotation_marks_and_markup_are_ignored(folder: Path) -> None:
    assert issues_with_booklet(folder, "# A second booklet\n- “What **did** you NOTICE?”\n") == []


def test_a_text_that_differs_from_the_printed_booklet_is_reported(folder: Path) -> None:
    (issue,) = issues_with_booklet(folder, "# A second booklet\n- What do you notice?\n")
    assert str(issue) == "prompts.yaml:9: units.text.en: is not printed in booklet.en.md at 2"


def test_references_to_lines_after_the_end_of_the_booklet_are_reported(folder: Path) -> None:
    (issue,) = issues_with_booklet(folder, "What did you notice?")
    assert str(issue) == "prompts.yaml:13: units.text.printed: booklet.en.md has no lines 2"


def test_omitted_lines_without_a_reason_are_refused_by_the_tools_but_not_by_the_service(folder: Path) -> None:
    (folder / "furniture.yaml").write_text('left_out:\n  - lines: "3"\nquestions: []\n')
    with pytest.raises(InvalidFolderError) as caught:
        read_booklet_source(folder)
    assert [(i.file, i.line, i.field) for i in caught.value.issues] == [("furniture.yaml", 2, "left_out[0].reason")]
    assert read_folder(folder)


@pytest.mark.parametrize(
    ("furniture", "field"),
    [
        ("left_out: []\n", "questions"),
        ("left_out: none\nquestions: []\n", "left_out"),
        ('left_out:\n  - lines: "9-7"\n    reason: A heading.\nquestions: []\n', "left_out[0].lines"),
        ("left_out: []\nquestions: [42]\n", "questions[0]"),
        ("left_out: []\nquestions: []\nanswers: []\n", "answers"),
    ],
    ids=["missing list", "no list", "lines out of order", "number as text", "unknown key"],
)
def test_an_invalid_furniture_file_is_refused(folder: Path, furniture: str, field: str) -> None:
    (folder / "furniture.yaml").write_text(furniture)
    with pytest.raises(InvalidFolderError) as caught:
        read_booklet_source(folder)
    assert field in [issue.field for issue in caught.value.issues]


def test_a_booklet_that_is_not_utf_8_is_refused(folder: Path) -> None:
    (folder / "booklet.en.md").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidFolderError, match=r"booklet\.en\.md:1: file: is not UTF-8"):
        read_booklet_source(folder)
