"""An embed as an oEmbed 1.0 response: an iframe, its size, and a text for sites that remove iframes."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any
from xml.etree import ElementTree

from api.domain.language import Language
from api.services.embed.model import Embed
from api.services.embed.target import EmbedKind

DEFAULT_WIDTH = 600
# Measured on a page of ``DEFAULT_WIDTH``. Heights are in pixels: the frame around the texts, a line of text, the space
# around a passage, and the folded steps of a discussion. ``_LETTERS`` is the number of letters on a line.
_FRAME, _LINE, _PASSAGE, _LETTERS = 200, 29, 30, 62
_DISCUSSION = 420


@dataclass(frozen=True, slots=True)
class OEmbedResponse:
    """The members of an oEmbed response. ``title`` is in ``language``; ``src`` is the URL of the iframe."""

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
        """HTML with only the elements and attributes that WordPress keeps: ``a``, ``blockquote`` and ``iframe``."""
        title, src, lang = escape(self.title), escape(self.src), self.language.value
        return (
            f'<blockquote lang="{lang}"><a href="{src}">{title}</a></blockquote>'
            f'<iframe src="{src}" width="{self.width}" height="{self.height}" title="{title}" lang="{lang}" '
            'frameborder="0"></iframe>'
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the members of the JSON response."""
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
        """Return the XML response."""
        root = ElementTree.Element("oembed", {"xml:lang": self.language.value})
        for name, value in self.to_dict().items():
            ElementTree.SubElement(root, name).text = str(value)
        data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return data


def fit_size(embed: Embed, max_width: int | None, max_height: int | None) -> tuple[int, int]:
    """Return the width and height of the page in pixels, no larger than these limits."""
    width = min(DEFAULT_WIDTH, max_width or DEFAULT_WIDTH)
    height = estimate_height(embed, width)
    return width, min(height, max_height or height)


def estimate_height(embed: Embed, width: int) -> int:
    """Return the approximate height of the page in pixels, for sites where the page cannot report its height."""
    letters = max(1, _LETTERS * width // DEFAULT_WIDTH)
    passages = embed.passages
    if embed.target.kind is EmbedKind.PROMPTS and embed.target.show == "one":
        passages = tuple(sorted(passages, key=lambda passage: len(passage.text))[-1:])
    if embed.target.kind is EmbedKind.DISCUSSION:
        # The steps are in a closed ``details`` element, so the length of their texts does not count.
        passages = embed.moments + embed.rules
    lines = sum(-(-len(passage.text) // letters) for passage in passages)
    folded = _DISCUSSION if embed.target.kind is EmbedKind.DISCUSSION else 0
    return _FRAME + folded + lines * _LINE + len(passages) * _PASSAGE
