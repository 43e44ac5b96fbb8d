"""PDFs, read with an independent library."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import NullObject


class Pdf:
    """A PDF as a screen reader sees it."""

    def __init__(self, data: bytes) -> None:
        self._reader = PdfReader(BytesIO(data), strict=True)
        self._root: Any = self._reader.trailer["/Root"]
        self.language: str = self._root["/Lang"]
        self.title = self._reader.metadata.title if self._reader.metadata else None
        self.is_tagged = bool(self._root["/MarkInfo"]["/Marked"])
        self.pages = len(self._reader.pages)

    @property
    def text(self) -> str:
        return " ".join(" ".join(page.extract_text() for page in self._reader.pages).split())

    def languages_of(self, *kinds: str) -> set[tuple[str, str]]:
        """Return the elements of these kinds in the structure tree, and the language of each element."""
        elements = self._walk(self._root["/StructTreeRoot"]["/K"], self.language)
        return {(kind, language) for kind, language in elements if kind in kinds}

    def count(self, kind: str) -> int:
        return sum(element == kind for element, _ in self._walk(self._root["/StructTreeRoot"]["/K"], self.language))

    def list_items(self) -> list[list[str]]:
        """Return the kinds of the elements in each list item, after checking that each element names its parent."""
        return [
            [str(kid["/S"]).removeprefix("/") for kid in _kids(element)]
            for element in self._elements(self._root["/StructTreeRoot"]["/K"], None)
            if element["/S"] == "/LI"
        ]

    def _elements(self, node: Any, parent: Any) -> Iterator[Any]:
        node = node.get_object()
        if isinstance(node, list):
            for kid in node:
                yield from self._elements(kid, parent)
        elif hasattr(node, "get") and "/S" in node:
            assert parent is None or node["/P"].get_object() == parent
            yield node
            yield from self._elements(node.get("/K", NullObject()), node)

    def _walk(self, node: Any, language: str) -> Iterator[tuple[str, str]]:
        node = node.get_object()
        if isinstance(node, list):
            for kid in node:
                yield from self._walk(kid, language)
        elif hasattr(node, "get"):
            own = str(node.get("/Lang", language))
            if "/S" in node:
                yield str(node["/S"]).removeprefix("/"), own
            if "/K" in node:
                yield from self._walk(node["/K"], own)


def _kids(element: Any) -> list[Any]:
    kids = [kid.get_object() for kid in element["/K"]]
    assert all(hasattr(kid, "get") and "/S" in kid for kid in kids), "an element holds content that is not an element"
    return kids
