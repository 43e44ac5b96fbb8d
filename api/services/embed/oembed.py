"""An embed as oEmbed 1.0 tells of it: a frame, a line of text for where frames are filtered out, and its size."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any
from xml.etree import ElementTree

from api.domain.language import Language
from api.services.embed.model import Embed
from api.services.embed.target import EmbedKind

DEFAULT_WIDTH = 600
# Of a page at that width, measured: what stands around the texts, and what a line and a passage take.
_AROUND, _LINE, _PASSAGE, _LETTERS = 200, 29, 30, 62
_SESSION = 420


@dataclass(frozen=True, slots=True)
class OEmbedResponse:
    """What an answer says: ``title`` in ``language``, and where the frame leads."""

    title: str
    language: Language
    provider: str
    provider_url: str
    src: str
    width: int
    height: int
    cache_age: int

    @property
    def html(self) -> str:
        """Only what WordPress leaves of an answer: ``a``, ``blockquote`` and ``iframe``, each with plain attributes."""
        title, src, lang = escape(self.title), escape(self.src), self.language.value
        return (
            f'<blockquote lang="{lang}"><a href="{src}">{title}</a></blockquote>'
            f'<iframe src="{src}" width="{self.width}" height="{self.height}" title="{title}" lang="{lang}" '
            'frameborder="0"></iframe>'
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": "1.0",
            "type": "rich",
            "title": self.title,
            "provider_name": self.provider,
            "provider_url": self.provider_url,
            "cache_age": self.cache_age,
            "html": self.html,
            "width": self.width,
            "height": self.height,
        }

    def to_xml(self) -> bytes:
        root = ElementTree.Element("oembed", {"xml:lang": self.language.value})
        for name, value in self.to_dict().items():
            ElementTree.SubElement(root, name).text = str(value)
        data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return data


def fit_size(embed: Embed, max_width: int | None, max_height: int | None) -> tuple[int, int]:
    """A width and a height in pixels that the page needs, within these limits. The frame itself may ask for more."""
    width = min(DEFAULT_WIDTH, max_width or DEFAULT_WIDTH)
    height = estimate_height(embed, width)
    return width, min(height, max_height or height)


def estimate_height(embed: Embed, width: int) -> int:
    """The height that the page's texts take at this width, roughly: for those who cannot hear the page's own word."""
    letters = max(1, _LETTERS * width // DEFAULT_WIDTH)
    passages = embed.passages
    if embed.target.kind is EmbedKind.PROMPTS and embed.target.show == "one":
        passages = tuple(sorted(passages, key=lambda passage: len(passage.text))[-1:])
    if embed.target.kind is EmbedKind.DISCUSSION:
        # The facilitator's notes are folded.
        passages = embed.moments + embed.rules
    lines = sum(-(-len(passage.text) // letters) for passage in passages)
    folded = _SESSION if embed.target.kind is EmbedKind.DISCUSSION else 0
    return _AROUND + folded + lines * _LINE + len(passages) * _PASSAGE
