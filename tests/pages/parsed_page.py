"""A parsed page: its texts, links and languages."""

from __future__ import annotations

import json
from typing import Any

import lxml.html
from werkzeug.test import TestResponse


class ParsedPage:
    """The page in a response."""

    def __init__(self, response: TestResponse) -> None:
        self.root = lxml.html.document_fromstring(response.data.decode())
        self.language = self.root.get("lang")

    def texts(self, path: str) -> list[str]:
        """Return the texts of the elements at this XPath, with white space normalised."""
        return [" ".join(element.text_content().split()) for element in self.root.xpath(path)]

    def text(self, path: str = "//main") -> str:
        return self.texts(path)[0]

    def language_of(self, text: str) -> str:
        """Return the language of a text for a screen reader: the value of the nearest ``lang`` attribute."""
        elements = [node for node in self.root.body.iter() if isinstance(node.tag, str) and text in (node.text or "")]
        assert elements, text
        return next(node.get("lang") for node in (elements[0], *elements[0].iterancestors()) if node.get("lang"))

    @property
    def switch(self) -> str | None:
        links = self.root.xpath("//nav[@class='switch']/a/@href")
        return str(links[0]) if links else None

    @property
    def notes(self) -> list[str]:
        return self.texts("//*[@class='note']")

    @property
    def json_ld(self) -> Any:
        """Return the JSON-LD of the page."""
        (block,) = self.root.xpath("//script[@type='application/ld+json']")
        return json.loads(block.text)
