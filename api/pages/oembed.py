"""oEmbed 1.0: from a public address to the frame that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response
from marshmallow import EXCLUDE, ValidationError
from sqlalchemy.orm import Session

from api.domain.document import to_json
from api.domain.errors import InvalidRequestError, Issue, LanguageNotAvailableError, UnknownFormatError
from api.http.cache_hints import mark_cacheable, open_read_session
from api.http.context import get_context, get_preference, get_reader_language
from api.http.read_context import (
    body_response,
    cache_control,
    content_location_query,
    make_conditional,
    parse_read_context,
)
from api.http.request_hooks import produces
from api.openapi.contract import ServiceBlueprint, document_operation
from api.pages.embed_page import address_of
from api.pages.embed_words import NAMES, PROVIDER, name_embed
from api.schemas.embed import EMBED_QUERIES, OembedQuery
from api.schemas.fields import query_issues
from api.schemas.report import OembedSchema
from api.services.embed.content import read_embed
from api.services.embed.model import Embed
from api.services.embed.oembed import Card, fit
from api.services.embed.target import EmbedKind, find_target, make_target

oembed = ServiceBlueprint("oembed", __name__, description="Embedding: oEmbed 1.0.")

Arguments = Mapping[str, Any]
XML = "text/xml"


@oembed.route("/oembed")
@oembed.arguments(OembedQuery, location="query", unknown=EXCLUDE)
@oembed.doc(responses={HTTPStatus.OK: {"content": {XML: {"schema": {"type": "string"}}}}})
@document_operation(
    summary="Get the frame that shows a public address (oEmbed 1.0)",
    operation="get_oembed",
    schema=OembedSchema,
    problems=(404, 410, 501),
    headers=("ETag", "Content-Language", "Content-Location", "Vary"),
)
@produces("*/*")
def get_oembed(arguments: Arguments) -> Response:
    context = get_context()
    form = arguments.get("format", "json")
    if form not in {"json", "xml"}:
        raise UnknownFormatError(form)
    what, slug, query = find_target(arguments["url"], context.settings.public_url)
    named = _read_query(what, query) | ({"lang": arguments["lang"]} if "lang" in arguments else {})
    with open_read_session() as session:
        found = _read(session, what, slug, named)
    card = _make_card(found, arguments)
    if form == "xml":
        response = body_response(card.to_xml(), f"{XML}; charset=utf-8")
    else:
        response = body_response(to_json(card.to_dict()).encode(), "application/json")
    return _finish(response, found, card, arguments, is_named="lang" in named)


def _read(session: Session, what: EmbedKind, slug: str | None, named: Arguments) -> Embed:
    """The embed in the language named, or in the one that the header prefers and can have. Raises LanguageMissing.

    A frame is in one language through and through: nothing stands in for another in it unless the address says so.
    """
    target = make_target(what, named, slug)
    branding = get_context().branding
    if "lang" in named:
        return read_embed(session, parse_read_context(session, named), branding, target)
    language = get_reader_language()
    try:
        return read_embed(session, parse_read_context(session, {**named, "lang": language}), branding, target)
    except LanguageNotAvailableError:
        if get_preference().is_other_refused:
            raise
        return read_embed(session, parse_read_context(session, {**named, "lang": language.other}), branding, target)


def _read_query(what: EmbedKind, query: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of the address that is to be embedded. Raises RequestRefused, about ``url``."""
    try:
        named: dict[str, Any] = EMBED_QUERIES[what]().load(query, unknown=EXCLUDE)
    except ValidationError as error:
        faults = query_issues(error.messages)
        inside = [Issue(each.code, parameter=f"url.{each.parameter}", data=each.data) for each in faults]
        raise InvalidRequestError(inside) from error
    return named


def _make_card(found: Embed, arguments: Arguments) -> Card:
    context = get_context()
    language = found.reading.rule.language
    # A text that stands in for one in the language asked for has its title in its own.
    languages = {passage.language for passage in found.passages}
    language = languages.pop() if len(languages) == 1 else language
    width, height = fit(found, arguments.get("maxwidth"), arguments.get("maxheight"))
    return Card(
        # What chance chooses is another moment at every look: the frame is called what it is.
        title=context.words.gettext(language, NAMES[EmbedKind.RANDOM])
        if found.target.is_chance
        else name_embed(context.words, found, language),
        language=language,
        provider=context.words.gettext(language, PROVIDER),
        provider_url=context.settings.public_url,
        src=address_of(found),
        width=width,
        height=height,
        cache_age=context.settings.shared_max_age,
    )


def _finish(response: Response, found: Embed, card: Card, arguments: Arguments, *, is_named: bool) -> Response:
    response.headers["Content-Language"] = card.language.value
    if not is_named:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = content_location_query(found.reading.rule.language, arguments)
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    response.headers["Surrogate-Key"] = " ".join(found.keys)
    mark_cacheable(found.reading.snapshot.epoch)
    return make_conditional(response)
