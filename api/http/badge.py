"""The badge of the translation status: a small SVG image with text."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from api.domain.language import Language
from api.i18n import N_, Translations

_LABEL = {Language.CY: N_("Welsh"), Language.EN: N_("English")}
# In pixels. The letter width is that of the usual fonts at this size, rounded up.
_LETTER, _PADDING, _HEIGHT = 6.6, 10, 20


def draw_badge(status: Mapping[str, Any], language: Language, translations: Translations) -> str:
    """Return the badge in this language. The badge shows the progress of Welsh, which has the most left to do."""
    cy = status["languages"]["cy"]
    total = max(sums["resources"] for sums in status["languages"].values())
    reviewed = cy["by_state"]["reviewed"]["resources"] + cy["by_state"]["source"]["resources"]
    label = translations.gettext(language, _LABEL[Language.CY])
    if total == 0:
        message = translations.gettext(language, N_("nothing public yet"))
    else:
        percent = {"translated": 100 * cy["resources"] // total, "reviewed": 100 * reviewed // total}
        message = translations.gettext(language, N_("{translated}% translated, {reviewed}% reviewed"), percent)
    return _draw(label, message, language)


def _draw(label: str, message: str, language: Language) -> str:
    left, right = (round(len(text) * _LETTER) + 2 * _PADDING for text in (label, message))
    name = escape(f"{label}: {message}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" '
        f'lang="{language.value}" aria-label="{name}"><title>{name}</title>'
        f'<rect width="{left}" height="{_HEIGHT}" fill="#333"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="#00563f"/>'
        f'<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(message)}</text></g></svg>'
    )
