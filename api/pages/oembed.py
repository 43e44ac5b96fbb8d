"""oEmbed 1.0: from a public address to the frame that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response
from marshmallow import EXCLUDE, ValidationError
from sqlalchemy.orm import Session

from api.domain.document import to_json
from api.domain.errors import Fault, FormatUnknown, LanguageMissing, RequestRefused
from api.http.cache_hints import delivering, keep
from api.http.context import get_preference, get_reader_language, get_service
from api.http.read_context import body_response, cache_control, conditional, read_request, spell_language
from api.http.request_hooks import gives
from api.openapi.contract import ServiceBlueprint, promise
from api.pages.embed_page import address_of
from api.pages.embed_words import NAMES, PROVIDER, name_embed
from api.schemas.embed import EMBED_QUERIES, OembedQuery
from api.schemas.fields import to_faults
from api.schemas.report import OembedSchema
from api.services.embed.content import read_embed
from api.services.embed.model import Embed
from api.services.embed.oembed import Card, fit
from api.services.embed.target import What, find_target, make_target

oembed = ServiceBlueprint("oembed", __name__, description="Embedding: oEmbed 1.0.")

Arguments = Mapping[str, Any]
XML = "text/xml"


@oembed.route("/oembed")
@oembed.arguments(OembedQuery, location="query", unknown=EXCLUDE)
@oembed.doc(responses={HTTPStatus.OK: {"content": {XML: {"schema": {"type": "string"}}}}})
@promise(
    summary="Get the frame that shows a public address (oEmbed 1.0)",
    operation="get_oembed",
    schema=OembedSchema,
    problems=(404, 410, 501),
    headers=("ETag", "Content-Language", "Content-Location", "Vary"),
)
@gives("*/*")
def get_oembed(arguments: Arguments) -> Response:
    service = get_service()
    form = arguments.get("format", "json")
    if form not in {"json", "xml"}:
        raise FormatUnknown(form)
    what, slug, query = find_target(arguments["url"], service.settings.public_url)
    named = _read_query(what, query) | ({"lang": arguments["lang"]} if "lang" in arguments else {})
    with delivering() as session:
        found = _read(session, what, slug, named)
    card = _make_card(found, arguments)
    if form == "xml":
        response = body_response(card.to_xml(), f"{XML}; charset=utf-8")
    else:
        response = body_response(to_json(card.to_dict()).encode(), "application/json")
    return _finish(response, found, card, arguments, is_named="lang" in named)


def _read(session: Session, what: What, slug: str | None, named: Arguments) -> Embed:
    """The embed in the language named, or in the one that the header prefers and can have. Raises LanguageMissing.

    A frame is in one language through and through: nothing stands in for another in it unless the address says so.
    """
    target = make_target(what, named, slug)
    voice = get_service().voice
    if "lang" in named:
        return read_embed(session, read_request(session, named), voice, target)
    language = get_reader_language()
    try:
        return read_embed(session, read_request(session, {**named, "lang": language}), voice, target)
    except LanguageMissing:
        if get_preference().is_other_refused:
            raise
        return read_embed(session, read_request(session, {**named, "lang": language.other}), voice, target)


def _read_query(what: What, query: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of the address that is to be embedded. Raises RequestRefused, about ``url``."""
    try:
        named: dict[str, Any] = EMBED_QUERIES[what]().load(query, unknown=EXCLUDE)
    except ValidationError as error:
        faults = to_faults(error.messages)
        inside = [Fault(each.fault, parameter=f"url.{each.parameter}", data=each.data) for each in faults]
        raise RequestRefused(inside) from error
    return named


def _make_card(found: Embed, arguments: Arguments) -> Card:
    service = get_service()
    language = found.reading.rule.language
    # A text that stands in for one in the language asked for has its title in its own.
    languages = {passage.language for passage in found.passages}
    language = languages.pop() if len(languages) == 1 else language
    width, height = fit(found, arguments.get("maxwidth"), arguments.get("maxheight"))
    return Card(
        # What chance chooses is another moment at every look: the frame is called what it is.
        title=service.words.say(language, NAMES[What.RANDOM])
        if found.target.is_chance
        else name_embed(service.words, found, language),
        language=language,
        provider=service.words.say(language, PROVIDER),
        provider_url=service.settings.public_url,
        src=address_of(found),
        width=width,
        height=height,
        cache_age=service.settings.shared_max_age,
    )


def _finish(response: Response, found: Embed, card: Card, arguments: Arguments, *, is_named: bool) -> Response:
    response.headers["Content-Language"] = card.language.value
    if not is_named:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = spell_language(found.reading.rule.language, arguments)
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    response.headers["Surrogate-Key"] = " ".join(found.keys)
    keep(found.reading.snapshot.epoch)
    return conditional(response)
