"""The page that shows the text made from each line of a printed booklet."""

from __future__ import annotations

from pathlib import Path

from tests.services.booklets.folder.samples import write_second_booklet
from tools.booklet.line_map import make_line_map
from tools.booklet.source import read_booklet_source


def test_the_map_lists_lines_that_belong_to_no_text(tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "b", [("prompts.yaml", "human\n", 'human\n      printed: "2"\n')])
    (folder / "booklet.en.md").write_text("Lost\nWhat did you notice?\n")
    page = make_line_map(read_booklet_source(folder))
    assert "## Placed nowhere\n\n- 1: Lost\n" in page
    assert "| 2 | `prompt.what-did-you-notice.text` | |" in page


def test_omitted_lines_and_questions_are_on_the_map(tmp_path: Path) -> None:
    folder = write_second_booklet(tmp_path / "b")
    (folder / "booklet.en.md").write_text("A drawing\n")
    (folder / "furniture.yaml").write_text('left_out:\n  - lines: "1"\n    reason: A cover.\nquestions:\n  - Who?\n')
    page = make_line_map(read_booklet_source(folder))
    assert "| 1 | *left out:* A cover. | |" in page
    assert page.endswith("## Open questions for the publisher\n\n1. Who?\n")
    assert "Placed nowhere" not in page
