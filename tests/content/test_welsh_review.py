"""docs/welsh-review.md has a row for every unit, and the content has the changes that the page lists."""

from __future__ import annotations

import re

from api.domain.language import Language
from api.settings import ROOT
from tests.content.booklet import units

REVIEW = (ROOT / "docs" / "welsh-review.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| `(?P<id>[^`]+)` \| (?P<verdict>kept|changed) \| (?P<finding>[^|]+) \| (?P<result>[^|]+) \|$", re.M
)
REPLACEMENT = re.compile(r"→ “([^”]+)”")


def test_every_unit_has_one_row_in_the_order_of_the_content() -> None:
    assert [row["id"] for row in ROW.finditer(REVIEW)] == [name for name, _, _ in units()]


def test_every_listed_change_is_in_the_content() -> None:
    welsh = {name: unit.texts[Language.CY] for name, _, unit in units()}
    changed = [row for row in ROW.finditer(REVIEW) if row["verdict"] == "changed"]
    assert len(changed) == 9
    for row in changed:
        replacement = REPLACEMENT.search(row["finding"])
        assert replacement is not None, row["id"]
        # An ellipsis marks words that did not change.
        for part in filter(None, replacement[1].split("…")):
            assert part.strip() in welsh[row["id"]], row["id"]


def test_every_doubt_about_a_translation_is_explained_below_the_table() -> None:
    explained = set(re.findall(r"^- `([^`]+)`: .+", REVIEW, re.M))
    assert explained == {row["id"] for row in ROW.finditer(REVIEW) if "There is a doubt" in row["result"]}
