"""Printouts: the texts of an embed in one release, for paper and packages, in one language or in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Response, render_template
from sqlalchemy.orm import Session

from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.http.context import get_context, get_named_language
from api.http.read_context import open_read_session
from api.http.responses import cacheable, html_response
from api.i18n import N_
from api.pages.embed_options import EmbedOptions
from api.pages.embed_page import EmbedWording
from api.pages.embed_words import KIND_NAMES, name_embed
from api.services.delivery.request import ReadContext
from api.services.embed.catalogue import Catalogue, read_catalogue
from api.services.embed.content import read_current_embed
from api.services.embed.model import Embed
from api.services.embed.passage import Passage
from api.services.embed.reader import Reader
from api.services.embed.target import EmbedKind
from api.services.publishing.snapshot import read_snapshot

RELEASE_LABEL = N_("Release {n}")


@dataclass(frozen=True, slots=True)
class Printout:
    """An embed in one language, to be printed or packaged. ``options`` are the options of its web page."""

    embed: Embed
    language: Language
    title: str
    options: EmbedOptions

    @property
    def url(self) -> str:
        """The URL of the web page that shows the same texts."""
        return get_context().settings.public_url + self.options.path

    @property
    def wording(self) -> EmbedWording:
        return EmbedWording(self.language)

    @property
    def release(self) -> int:
        return self.embed.context.snapshot.release

    @property
    def heading(self) -> tuple[str, Language]:
        """Return the heading and its language. The heading of a moment is its title; of other embeds, their kind."""
        moment = self.embed.moments[0] if self.embed.target.kind is EmbedKind.MOMENT else None
        return (moment.title, moment.language) if moment and moment.title else (self.kind, self.language)

    @property
    def kind(self) -> str:
        return translate(self.language, KIND_NAMES[self.embed.target.kind])

    @property
    def credits(self) -> list[Passage]:
        """Return one passage with each attribution, so that each booklet is credited once."""
        return list({passage.attribution: passage for passage in self.embed.passages}.values())


def get_printouts(options: EmbedOptions, languages: Sequence[Language]) -> list[Printout]:
    """Return a printout for each language. A text that is missing in a language is shown in the other, with a note.

    Raises ReleaseNotFoundError, and the errors of ``read_embed``.
    """
    with open_read_session() as session:
        return read_printouts(session, options, languages)


def read_printouts(session: Session, options: EmbedOptions, languages: Sequence[Language]) -> list[Printout]:
    """Return the same as ``get_printouts``, within the caller's transaction."""
    context = get_context()
    embeds = [_read(session, options, language) for language in languages]
    return [
        Printout(
            embed,
            language,
            name_embed(context.translations, embed, language),
            _make_page_options(options, embed, language),
        )
        for embed, language in zip(embeds, languages, strict=True)
    ]


def _make_page_options(options: EmbedOptions, embed: Embed, language: Language) -> EmbedOptions:
    """Return the options of the web page with the same texts. Fallbacks are allowed if a text needs one."""
    has_other = any(passage.language is not language for passage in embed.passages)
    return replace(options.for_print.in_language(language), has_fallback=has_other)


def with_needed_fallback(options: EmbedOptions, embed: Embed) -> EmbedOptions:
    """Return the options, with the fallback if the embed has no text in its language, to prevent a 404."""
    shown = embed.moments or embed.passages
    has_own = any(passage.language is embed.context.rule.language for passage in shown)
    return replace(options, has_fallback=options.has_fallback or not has_own)


def _read(session: Session, options: EmbedOptions, language: Language) -> Embed:
    read_context, branding = _make_context(session, language, options.target.release), get_context().branding
    return read_current_embed(session, read_context, branding, options.target)


def _make_context(session: Session, language: Language, release: int | None) -> ReadContext:
    default = MinState(get_context().settings.min_state)
    # The response at a URL that names a release never changes, so settings must not affect it.
    min_state = default if release is None else MinState.TRANSLATED
    rule = LanguageRule(language, Fallback.ALLOW, min_state)
    snapshot = read_snapshot(session, release)
    return ReadContext(snapshot, rule, is_pinned=release is not None, default_min_state=default)


def get_catalogue(session: Session, language: Language) -> Catalogue:
    """Return the catalogue of possible embeds, with names in ``language`` where they exist."""
    return read_catalogue(Reader(session, _make_context(session, language, None), get_context().branding))


def list_surrogate_keys(printouts: Sequence[Printout]) -> tuple[str, ...]:
    """Return the surrogate keys of the content in the printouts."""
    return tuple(dict.fromkeys(key for printout in printouts for key in printout.embed.keys))


def translate(language: Language, message: str, **data: object) -> str:
    """Return a message of the service in ``language``."""
    return get_context().translations.gettext(language, message, data)


def render_printout(template: str, **data: object) -> str:
    """Render a template that shows printouts."""
    return render_template(template, translate=translate, release_label=RELEASE_LABEL, **data)


def error_page(html: str, language: Language, policy: str) -> Response:
    """Return a page that explains the errors in the request. The status is 400, and caches must not store the page."""
    response = html_response(html, language, policy)
    response.status_code = 400
    response.headers["Cache-Control"] = "no-store"
    del response.headers["ETag"]
    if get_named_language() is None:
        response.headers["Vary"] = "Accept-Language"
    return response


def cacheable_printouts(response: Response, printouts: Sequence[Printout], canonical_path: str | None) -> Response:
    """Return a response made from printouts, with its cache headers, or a 304.

    ``canonical_path`` is the path and query, including the language; None if the request already names a language.
    """
    read_context = printouts[0].embed.context
    return cacheable(
        response,
        read_context.snapshot.epoch,
        list_surrogate_keys(printouts),
        is_pinned=read_context.is_pinned,
        canonical_url=None if canonical_path is None else get_context().settings.public_url + canonical_path,
    )
