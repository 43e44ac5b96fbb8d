"""An embed as HTML: the same words, notes and marks of language wherever it is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import render_template
from markupsafe import Markup

from api.domain.language import Language
from api.http.context import get_context
from api.http.read_context import oembed_discovery_links
from api.pages import embed_words
from api.pages.assets import SCRIPT, STYLE
from api.pages.embed_words import MINUTES, OMITTED, OWN_NAMES, TIMER, WORDS, describe_note, name_embed
from api.services.embed.json_ld import to_json_ld
from api.services.embed.model import Embed, MissingItem
from api.services.embed.passage import Passage
from api.services.embed.target import EmbedKind, Target, spell_reading

_TEMPLATES = {
    EmbedKind.MOMENT: "embed/moment.html",
    EmbedKind.RANDOM: "embed/moment.html",
    EmbedKind.PROMPT: "embed/prompt.html",
    EmbedKind.PROMPTS: "embed/prompts.html",
    EmbedKind.GROUND_RULES: "embed/rules.html",
    EmbedKind.SESSION: "embed/session.html",
}


@dataclass(frozen=True, slots=True)
class EmbedAppearance:
    """Where the page's own files are and where its switch leads, if not where they usually do: to files beside it.

    ``is_online``: the page has an address of its own, and says so (canonical, alternate, oEmbed).
    """

    style: str | None = None
    script: str | None = None
    switch: str | None = None
    is_online: bool = True


class EmbedWording:
    """What templates ask for their words: everything is said in one language, that of the page."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._words = get_context().words

    def word(self, name: str, **data: object) -> str:
        return self._words.gettext(self.language, WORDS[name], data)

    def say(self, message: str, **data: object) -> str:
        return self._words.gettext(self.language, message, data)

    def note(self, note: str) -> str:
        return describe_note(self._words, self.language, note)

    def stage(self, stage: str) -> str:
        return self.say(embed_words.STAGES[stage])

    def minutes(self, number: int) -> str:
        return self._words.ngettext(self.language, MINUTES, number)

    def absent(self, absent: MissingItem) -> str:
        return self.say(embed_words.WITHDRAWN if absent.reason == "withdrawn" else embed_words.ABSENT[self.language])

    def read_in(self, language: Language) -> str:
        return self.say(embed_words.READ_IN[language])

    def omitted(self, number: int) -> str:
        return self.say(OMITTED[self.language], n=number)

    def place(self, at: int, total: int) -> str:
        return self.say(embed_words.PLACE, at=at, total=total)

    def timer(self) -> dict[str, str]:
        return {name: self.say(message) for name, message in TIMER.items()}

    def mark(self, language: Language) -> Markup:
        """The ``lang`` attribute of what is not in the page's language; nothing else needs one."""
        return Markup("") if language is self.language else Markup(f' lang="{language.value}"')


def render_embed(embed: Embed, look: EmbedAppearance = EmbedAppearance()) -> str:  # it never changes
    """The page. Everything in it is escaped but the texts' own HTML, which was made from plain text."""
    context = get_context()
    language = embed.reading.rule.language
    speaker = EmbedWording(language)
    name = name_embed(context.words, embed, language)
    own = address_of(embed)
    public_url = context.settings.public_url
    total, base = len(embed.passages), find_base()
    return render_template(
        _TEMPLATES[embed.target.kind],
        embed=embed,
        look=look,
        style=look.style or f"{base}{STYLE.path}",
        script=look.script or f"{base}{SCRIPT.path}",
        speaker=speaker,
        title=name,
        kind=context.words.gettext(language, embed_words.NAMES[embed.target.kind]),
        own=own,
        switch=(look.switch or switch_address(embed)) if embed.has_other and embed.target.switch == "yes" else None,
        alternate=switch_address(embed) if embed.has_other else None,
        switch_name=OWN_NAMES[language.other],
        discovery=tuple(oembed_discovery_links(own)) if look.is_online else (),
        linked=to_script(to_json_ld(embed, public_url, own, name)),
        credits=_credits(embed.passages, language),
        at=min(embed.target.at, total),
        total=total,
        turn=lambda at: embed.target.turn(at).address(find_base(), spell_reading(embed.reading)),
        absent_address=lambda absent: _absent_address(embed, absent),
    )


def find_base() -> str:
    """The path at which the service stands, for links within a page: a host may be called otherwise inside."""
    return urlsplit(get_context().settings.public_url).path


def address_of(embed: Embed) -> str:
    """The page's address that gives the same bytes whatever the headers say."""
    return embed.target.address(get_context().settings.public_url, spell_reading(embed.reading))


def switch_address(embed: Embed) -> str:
    """The same place in the other language; what chance chose, by its name."""
    target = embed.target
    if target.kind is EmbedKind.RANDOM:
        chosen = embed.moments[0]
        target = Target(EmbedKind.MOMENT, chosen.slug, switch=target.switch, theme=target.theme, release=target.release)
    return target.address(find_base(), spell_reading(embed.reading, embed.reading.rule.language.other))


def _absent_address(embed: Embed, absent: MissingItem) -> str:
    target = Target(EmbedKind.MOMENT, absent.slug, theme=embed.target.theme, release=embed.target.release)
    return target.address(find_base(), spell_reading(embed.reading, absent.exists))


def to_script(data: dict[str, Any]) -> Markup:
    """JSON as a data block of a page: nothing in a text can end the block or begin a comment in it."""
    text = json.dumps(data, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _credits(passages: tuple[Passage, ...], language: Language) -> list[Passage]:
    """One passage a booklet, for its attribution; in the page's language where there is one."""
    found: dict[str | None, Passage] = {}
    for passage in passages:
        if passage.collection not in found or found[passage.collection].language is not language:
            found[passage.collection] = passage
    return list(found.values())
