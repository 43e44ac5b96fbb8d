"""Every unit has its line in docs/welsh-review.md, and what the review changed stands in the content."""

from __future__ import annotations

import re

from api.domain.language import Language
from api.settings import ROOT
from tests.content.booklet import units

REVIEW = (ROOT / "docs" / "welsh-review.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `(?P<id>[^`]+)` \| (?P<verdict>kept|changed) \| (?P<finding>[^|]+) \| (?P<became>[^|]+) \|$", re.M
)
INSTEAD = re.compile(r"→ “([^”]+)”")


def test_every_unit_has_one_line_in_the_order_of_the_content() -> None:
    assert [row["id"] for row in ROW.finditer(REVIEW)] == [name for name, _, _ in units()]


def test_what_was_changed_stands_in_the_content() -> None:
    welsh = {name: unit.texts[Language.CY] for name, _, unit in units()}
    changed = [row for row in ROW.finditer(REVIEW) if row["verdict"] == "changed"]
    assert len(changed) == 9
    for row in changed:
        written = INSTEAD.search(row["finding"])
        assert written is not None, row["id"]
        # Three dots stand for what was left as it was.
        for part in filter(None, written[1].split("…")):
            assert part.strip() in welsh[row["id"]], row["id"]


def test_a_doubt_is_told_for_each_unit_whose_line_says_so() -> None:
    told = set(re.findall(r"^- `([^`]+)`: .+", REVIEW, re.M))
    assert told == {row["id"] for row in ROW.finditer(REVIEW) if "There is a doubt" in row["became"]}
