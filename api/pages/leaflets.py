"""A choice as something to hand out: its texts in one language or in both, of one release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from api.domain.errors import SlugMoved
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.i18n import N_
from api.pages.choosing import Choice
from api.pages.embed_page import Speaker
from api.pages.embed_words import NAMES, name_embed
from api.routes.keeping import delivering
from api.routes.reading import body_response, cache_control, conditional
from api.routes.service import get_service
from api.services.delivery.request import Reading
from api.services.embed.content import read_embed
from api.services.embed.menu import Menu, read_menu
from api.services.embed.model import Embed
from api.services.embed.passage import Passage
from api.services.embed.reader import Reader
from api.services.embed.target import What
from api.services.snapshot import read_snapshot

RELEASE = N_("Release {n}")


@dataclass(frozen=True, slots=True)
class Leaflet:
    """An embed for paper, for one language's readers. ``address`` is where it stands on the web in that language."""

    embed: Embed
    language: Language
    title: str
    address: str

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.language)

    @property
    def release(self) -> int:
        return self.embed.reading.snapshot.release

    @property
    def heading(self) -> tuple[str, Language]:
        """The title of a single moment in the language that it is in, or what the whole is called."""
        only = self.embed.moments[0] if self.embed.target.what is What.MOMENT else None
        return (only.title, only.language) if only and only.title else (self.kind, self.language)

    @property
    def kind(self) -> str:
        return say_in(self.language, NAMES[self.embed.target.what])

    @property
    def credits(self) -> list[Passage]:
        """One passage a booklet, for its attribution."""
        return list({passage.attribution: passage for passage in self.embed.passages}.values())


def get_leaflets(choice: Choice, languages: Sequence[Language]) -> list[Leaflet]:
    """The choice for the readers of each language: what is not there in theirs is in the other, and says so.

    Raises ReleaseMissing, and what ``read_embed`` raises.
    """
    service = get_service()
    with delivering() as session:
        embeds = [_read(session, choice, language) for language in languages]
    return [
        Leaflet(
            embed,
            language,
            name_embed(service.words, embed, language),
            service.settings.public_url + choice.on_paper.speaking(language).address,
        )
        for embed, language in zip(embeds, languages, strict=True)
    ]


def _read(session: Session, choice: Choice, language: Language) -> Embed:
    reading, voice = _begin(session, language, choice.target.release), get_service().voice
    try:
        return read_embed(session, reading, voice, choice.target)
    except SlugMoved as moved:
        return read_embed(session, reading, voice, replace(choice.target, slug=moved.slug))


def _begin(session: Session, language: Language, release: int | None) -> Reading:
    default = MinState(get_service().settings.min_state)
    # What names its release is to stay as it is, whatever the setting.
    min_state = default if release is None else MinState.TRANSLATED
    rule = LanguageRule(language, Fallback.ALLOW, min_state)
    snapshot = read_snapshot(session, release)
    return Reading(snapshot, rule, is_pinned=release is not None, default_min_state=default)


def get_menu(language: Language) -> Menu:
    """What can be chosen today, named in ``language`` where it has names there."""
    service = get_service()
    with delivering() as session:
        return read_menu(Reader(session, _begin(session, language, None), service.voice))


def list_keys(leaflets: Sequence[Leaflet]) -> str:
    """What the leaflets were made of, as a ``Surrogate-Key``."""
    return " ".join(dict.fromkeys(key for leaflet in leaflets for key in leaflet.embed.keys))


def say_in(language: Language, message: str, **data: object) -> str:
    return get_service().words.say(language, message, data)


def render_leaflet(template: str, **data: object) -> str:
    """A template that shows leaflets, with the words that they need."""
    return render_template(template, say_in=say_in, release_words=RELEASE, **data)


def answer_page(html: str, language: Language, policy: str, address: str, *, is_immutable: bool) -> Response:
    """A page in ``language``; ``address`` (path and query) gives the same page whatever Accept-Language says."""
    response = body_response(html.encode(), "text/html; charset=utf-8")
    is_open = "lang" not in request.args
    response.headers["Content-Language"] = language.value
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = cache_control(is_immutable and not is_open)
    if is_open:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = get_service().settings.public_url + address
    return conditional(response)


def refuse_page(html: str, language: Language, policy: str) -> Response:
    """A page that says what is wrong with the request for it."""
    response = Response(html, status=400, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = language.value
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    if "lang" not in request.args:
        response.headers["Vary"] = "Accept-Language"
    return response
