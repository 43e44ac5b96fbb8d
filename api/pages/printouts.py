"""A choice as something to hand out: its texts in one language or in both, of one release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Response, render_template
from sqlalchemy.orm import Session

from api.domain.errors import SlugMovedError
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.http.cache_hints import mark_cacheable, open_read_session
from api.http.context import get_context, get_named_language
from api.http.read_context import body_response, cache_control, make_conditional
from api.http.surrogate_keys import surrogate_key
from api.i18n import N_
from api.pages.embed_options import EmbedOptions
from api.pages.embed_page import EmbedWording
from api.pages.embed_words import NAMES, name_embed
from api.services.delivery.request import ReadContext
from api.services.embed.catalogue import Catalogue, read_catalogue
from api.services.embed.content import read_embed
from api.services.embed.model import Embed
from api.services.embed.passage import Passage
from api.services.embed.reader import Reader
from api.services.embed.target import EmbedKind
from api.services.publishing.snapshot import Epoch, read_snapshot

RELEASE = N_("Release {n}")


@dataclass(frozen=True, slots=True)
class Printout:
    """An embed for paper, for one language's readers. ``address`` is where it stands on the web in that language."""

    embed: Embed
    language: Language
    title: str
    address: str

    @property
    def speaker(self) -> EmbedWording:
        return EmbedWording(self.language)

    @property
    def release(self) -> int:
        return self.embed.reading.snapshot.release

    @property
    def heading(self) -> tuple[str, Language]:
        """The title of a single moment in the language that it is in, or what the whole is called."""
        only = self.embed.moments[0] if self.embed.target.kind is EmbedKind.MOMENT else None
        return (only.title, only.language) if only and only.title else (self.kind, self.language)

    @property
    def kind(self) -> str:
        return translate_in(self.language, NAMES[self.embed.target.kind])

    @property
    def credits(self) -> list[Passage]:
        """One passage a booklet, for its attribution."""
        return list({passage.attribution: passage for passage in self.embed.passages}.values())


def get_printouts(choice: EmbedOptions, languages: Sequence[Language]) -> list[Printout]:
    """The choice for the readers of each language: what is not there in theirs is in the other, and says so.

    Raises ReleaseMissing, and what ``read_embed`` raises.
    """
    with open_read_session() as session:
        return read_printouts(session, choice, languages)


def read_printouts(session: Session, choice: EmbedOptions, languages: Sequence[Language]) -> list[Printout]:
    """The same, in a transaction that reads more."""
    context = get_context()
    embeds = [_read(session, choice, language) for language in languages]
    return [
        Printout(
            embed,
            language,
            name_embed(context.words, embed, language),
            context.settings.public_url + choice.on_paper.speaking(language).address,
        )
        for embed, language in zip(embeds, languages, strict=True)
    ]


def _read(session: Session, choice: EmbedOptions, language: Language) -> Embed:
    reading, branding = _begin(session, language, choice.target.release), get_context().branding
    try:
        return read_embed(session, reading, branding, choice.target)
    except SlugMovedError as moved:
        return read_embed(session, reading, branding, replace(choice.target, slug=moved.slug))


def _begin(session: Session, language: Language, release: int | None) -> ReadContext:
    default = MinState(get_context().settings.min_state)
    # What names its release is to stay as it is, whatever the setting.
    min_state = default if release is None else MinState.TRANSLATED
    rule = LanguageRule(language, Fallback.ALLOW, min_state)
    snapshot = read_snapshot(session, release)
    return ReadContext(snapshot, rule, is_pinned=release is not None, default_min_state=default)


def get_catalogue(session: Session, language: Language) -> Catalogue:
    """What can be chosen today, named in ``language`` where it has names there."""
    return read_catalogue(Reader(session, _begin(session, language, None), get_context().branding))


def list_keys(leaflets: Sequence[Printout]) -> tuple[str, ...]:
    """What the leaflets were made of, as keys to purge by."""
    return tuple(dict.fromkeys(key for leaflet in leaflets for key in leaflet.embed.keys))


def translate_in(language: Language, message: str, **data: object) -> str:
    return get_context().words.gettext(language, message, data)


def render_printout(template: str, **data: object) -> str:
    """A template that shows leaflets, with the words that they need."""
    return render_template(template, say_in=translate_in, release_words=RELEASE, **data)


def page_response(html: str, language: Language, policy: str) -> Response:
    """A page in ``language``."""
    response = body_response(html.encode(), "text/html; charset=utf-8")
    response.headers["Content-Language"] = language.value
    response.headers["Content-Security-Policy"] = policy
    return response


def refuse_page(html: str, language: Language, policy: str) -> Response:
    """A page that says what is wrong with the request for it."""
    response = page_response(html, language, policy)
    response.status_code = 400
    response.headers["Cache-Control"] = "no-store"
    del response.headers["ETag"]
    if get_named_language() is None:
        response.headers["Vary"] = "Accept-Language"
    return response


def finish_page(
    response: Response, epoch: Epoch, keys: Sequence[str], address: str | None, *, is_pinned: bool
) -> Response:
    """Say for how long caches may keep the answer, and by what they purge it; keep it here; or 304.

    ``address`` (path and query) gives the same bytes whatever Accept-Language says; None is: this one does.
    """
    is_fixed = is_pinned and address is None
    response.headers["Cache-Control"] = cache_control(is_fixed)
    response.headers["Surrogate-Key"] = surrogate_key(*keys, is_pinned=is_pinned)
    if address is not None:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = get_context().settings.public_url + address
    mark_cacheable(epoch, is_fixed=is_fixed)
    return make_conditional(response)


def finish_printouts(response: Response, leaflets: Sequence[Printout], address: str | None) -> Response:
    """The same for what was made of leaflets alone."""
    reading = leaflets[0].embed.reading
    return finish_page(response, reading.snapshot.epoch, list_keys(leaflets), address, is_pinned=reading.is_pinned)
