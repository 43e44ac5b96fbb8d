"""An embed as HTML, with its messages, notes and lang attributes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import render_template
from markupsafe import Markup

from api.domain.language import Language
from api.http.context import get_context
from api.http.responses import oembed_discovery_links
from api.http.vocabulary import STAGES
from api.pages import embed_words
from api.pages.embed_words import LANGUAGE_NAMES, MESSAGES, MINUTES_LABEL, OMITTED, TIMER, describe_note, name_embed
from api.pages.static_files import SCRIPT, STYLE
from api.services.embed.json_ld import to_json_ld
from api.services.embed.model import Embed, MissingItem
from api.services.embed.passage import Passage
from api.services.embed.target import EmbedKind, Target, context_query

_TEMPLATES = {
    EmbedKind.MOMENT: "embed/moment.html",
    EmbedKind.RANDOM: "embed/moment.html",
    EmbedKind.PROMPT: "embed/prompt.html",
    EmbedKind.PROMPTS: "embed/prompts.html",
    EmbedKind.GROUND_RULES: "embed/rules.html",
    EmbedKind.DISCUSSION: "embed/session.html",
}


@dataclass(frozen=True, slots=True)
class EmbedAppearance:
    """The paths of the style, the script and the page in the other language (``switch``), which differ in a package.

    ``is_online`` means that the page has a URL of its own, and links to that URL (canonical, alternate, oEmbed).
    """

    style: str | None = None
    script: str | None = None
    switch: str | None = None
    is_online: bool = True


class EmbedWording:
    """The messages of a template, in the language of the page."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._translations = get_context().translations

    def message(self, name: str, **data: object) -> str:
        return self._translations.gettext(self.language, MESSAGES[name], data)

    def translate(self, message: str, **data: object) -> str:
        return self._translations.gettext(self.language, message, data)

    def note(self, note: str) -> str:
        return describe_note(self._translations, self.language, note)

    def stage(self, stage: str) -> str:
        return self.translate(STAGES[stage])

    def minutes(self, number: int) -> str:
        return self._translations.ngettext(self.language, MINUTES_LABEL, number)

    def missing(self, item: MissingItem) -> str:
        return self.translate(
            embed_words.WITHDRAWN if item.reason == "withdrawn" else embed_words.MISSING[self.language]
        )

    def read_in(self, language: Language) -> str:
        return self.translate(embed_words.READ_IN[language])

    def omitted(self, number: int) -> str:
        return self.translate(OMITTED[self.language], n=number)

    def position(self, at: int, total: int) -> str:
        return self.translate(embed_words.POSITION, at=at, total=total)

    def timer(self) -> dict[str, str]:
        return {name: self.translate(message) for name, message in TIMER.items()}

    def lang_attribute(self, language: Language) -> Markup:
        """Return a ``lang`` attribute for a text in this language, or nothing if the page is in the same language."""
        return Markup("") if language is self.language else Markup(f' lang="{language.value}"')


def render_embed(embed: Embed, appearance: EmbedAppearance = EmbedAppearance()) -> str:  # the default is immutable
    """Return the page. Everything is escaped except the texts, whose HTML was made from plain text."""
    context = get_context()
    language = embed.context.rule.language
    name = name_embed(context.translations, embed, language)
    canonical_url = embed_url(embed)
    public_url = context.settings.public_url
    total, base = len(embed.passages), base_path()
    return render_template(
        _TEMPLATES[embed.target.kind],
        embed=embed,
        appearance=appearance,
        style=appearance.style or f"{base}{STYLE.path}",
        script=appearance.script or f"{base}{SCRIPT.path}",
        wording=EmbedWording(language),
        title=name,
        kind=context.translations.gettext(language, embed_words.KIND_NAMES[embed.target.kind]),
        canonical_url=canonical_url,
        switch=(appearance.switch or switch_path(embed)) if embed.has_other and embed.target.switch == "yes" else None,
        alternate=switch_path(embed) if embed.has_other else None,
        switch_name=LANGUAGE_NAMES[language.other],
        discovery=tuple(oembed_discovery_links(canonical_url)) if appearance.is_online else (),
        json_ld=json_script(to_json_ld(embed, public_url, canonical_url, name)),
        credits=_credits(embed.passages, language),
        at=min(embed.target.at, total),
        total=total,
        # The links before the first and after the last text are hidden, and lead to the page itself.
        path_at=lambda at: embed.target.at_position(min(max(at, 1), total)).url(base, context_query(embed.context)),
        missing_item_path=lambda item: _missing_item_path(embed, item),
    )


def base_path() -> str:
    """Return the path of the public URL. Links within a page have no host, because a proxy may change the host."""
    return urlsplit(get_context().settings.public_url).path


def embed_url(embed: Embed) -> str:
    """Return the URL of the page with its language rule, so that request headers do not change the page."""
    return embed.target.url(get_context().settings.public_url, context_query(embed.context))


def switch_path(embed: Embed) -> str:
    """Return the path of the same page in the other language. The path of a random moment contains its slug."""
    target = embed.target
    if target.kind is EmbedKind.RANDOM:
        chosen = embed.moments[0]
        target = Target(EmbedKind.MOMENT, chosen.slug, switch=target.switch, theme=target.theme, release=target.release)
    return target.url(base_path(), context_query(embed.context, embed.context.rule.language.other))


def _missing_item_path(embed: Embed, item: MissingItem) -> str:
    target = Target(EmbedKind.MOMENT, item.slug, theme=embed.target.theme, release=embed.target.release)
    return target.url(base_path(), context_query(embed.context, item.available_in))


def json_script(data: dict[str, Any]) -> Markup:
    """Return JSON for a script element, escaped so that no text can end the element or begin a comment."""
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _credits(passages: tuple[Passage, ...], language: Language) -> list[Passage]:
    """Return one passage of each booklet, to credit the booklet. Passages in the page's language are preferred."""
    by_collection: dict[str | None, Passage] = {}
    for passage in passages:
        if passage.collection not in by_collection or by_collection[passage.collection].language is not language:
            by_collection[passage.collection] = passage
    return list(by_collection.values())
