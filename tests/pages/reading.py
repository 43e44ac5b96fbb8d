"""Reading a page as a browser would, and the languages that its texts are in."""

from __future__ import annotations

import json
from typing import Any

import lxml.html
from werkzeug.test import TestResponse


class Read:
    """A page of an answer."""

    def __init__(self, response: TestResponse) -> None:
        self.root = lxml.html.document_fromstring(response.data.decode())
        self.language = self.root.get("lang")

    def texts(self, path: str) -> list[str]:
        """The texts of the elements at this XPath, spaces folded."""
        return [" ".join(element.text_content().split()) for element in self.root.xpath(path)]

    def text(self, path: str = "//main") -> str:
        return self.texts(path)[0]

    def language_of(self, text: str) -> str:
        """The language that a screen reader reads this text in: of the nearest element that says one."""
        found = [each for each in self.root.body.iter() if isinstance(each.tag, str) and text in (each.text or "")]
        assert found, text
        return next(each.get("lang") for each in (found[0], *found[0].iterancestors()) if each.get("lang"))

    @property
    def switch(self) -> str | None:
        found = self.root.xpath("//nav[@class='switch']/a/@href")
        return str(found[0]) if found else None

    @property
    def notes(self) -> list[str]:
        return self.texts("//*[@class='note']")

    @property
    def linked(self) -> Any:
        """The page's JSON-LD."""
        (block,) = self.root.xpath("//script[@type='application/ld+json']")
        return json.loads(block.text)
