"""The oEmbed 1.0 endpoint, which returns a frame for a public URL."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from flask import Response
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from api.domain.document import to_json
from api.domain.errors import InvalidRequestError, Issue, LanguageNotAvailableError, UnknownFormatError
from api.domain.language import Fallback, Language, parse_language
from api.http.context import (
    get_context,
    get_named_language,
    get_preference,
    get_reader_language,
    set_reader_language,
)
from api.http.read_context import open_read_session, parse_read_context
from api.http.request_hooks import produces
from api.http.responses import body_response, cacheable, localised_url
from api.openapi.contract import ServiceBlueprint, document_operation
from api.pages.embed_page import embed_url
from api.pages.embed_words import KIND_NAMES, PROVIDER, name_embed
from api.schemas.embed import EMBED_QUERIES, OembedQuery
from api.schemas.issues import query_issues
from api.schemas.report import OembedSchema
from api.services.embed.content import read_current_embed
from api.services.embed.model import Embed
from api.services.embed.oembed import OEmbedResponse, fit_size
from api.services.embed.target import EmbedKind, find_target, make_target

oembed = ServiceBlueprint("oembed", __name__, description="Embedding: oEmbed 1.0.")

Arguments = Mapping[str, Any]
XML = "text/xml"


@oembed.route("/oembed")
@oembed.arguments(OembedQuery, location="query")
@oembed.doc(responses={HTTPStatus.OK: {"content": {XML: {"schema": {"type": "string"}}}}})
@document_operation(
    summary="Get the oEmbed 1.0 response for a public URL",
    description="The frame for a moment, a prompt, a set of prompts, the ground rules or a session, as WordPress, "
    "Moodle and other oEmbed consumers expect it. Parameters that are not listed here are ignored.",
    operation="get_oembed",
    schema=OembedSchema,
    problems=(404, 410, 501),
    headers=("ETag", "Content-Language", "Content-Location", "Vary"),
)
@produces("*/*")
def get_oembed(arguments: Arguments) -> Response:
    _follow_language(arguments["url"])
    context = get_context()
    response_format = arguments.get("format", "json")
    if response_format not in {"json", "xml"}:
        raise UnknownFormatError(response_format)
    kind, slug, query = find_target(arguments["url"], context.settings.public_url)
    query_arguments = _read_query(kind, query) | ({"lang": arguments["lang"]} if "lang" in arguments else {})
    with open_read_session() as session:
        embed = _read(session, kind, slug, query_arguments)
    document = _make_document(embed, arguments)
    if response_format == "xml":
        response = body_response(document.to_xml(), f"{XML}; charset=utf-8")
    else:
        response = body_response(to_json(document.to_dict()).encode(), "application/json")
    response.headers["Content-Language"] = document.language.value
    canonical_url = None if "lang" in query_arguments else localised_url(embed.context.rule.language, arguments)
    return cacheable(response, embed.context.snapshot.epoch, embed.keys, canonical_url=canonical_url)


def _follow_language(url: str) -> None:
    """Write problems in the language that the URL to embed names, unless the request itself names one."""
    language = parse_language(dict(parse_qsl(url.partition("?")[2])).get("lang", ""))
    if language is not None and get_named_language() is None:
        set_reader_language(language)


def _read(session: Session, kind: EmbedKind, slug: str | None, query_arguments: Arguments) -> Embed:
    """Read the embed in the language that its URL names, or else in the reader's preferred available language.

    A frame is entirely in one language, unless its URL allows a fallback. Raises LanguageNotAvailableError.
    """
    target = make_target(kind, query_arguments, slug)
    branding = get_context().branding
    if "lang" in query_arguments:
        return read_current_embed(session, parse_read_context(session, query_arguments), branding, target)

    def read_in(language: Mapping[str, str]) -> Embed:
        read_context = parse_read_context(session, {**query_arguments, **language})
        return read_current_embed(session, read_context, branding, target)

    preference = get_preference()
    # Without a preference, the slug in the URL may select the language.
    is_open = preference.language is None
    try:
        strict = {"fallback": query_arguments.get("fallback", Fallback.NONE.value)}
        return read_in(strict if is_open else {"lang": get_reader_language().value})
    except LanguageNotAvailableError as error:
        if preference.is_other_refused:
            raise
        return read_in({"lang": Language(error.requested).other.value})


def _read_query(kind: EmbedKind, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of the URL to embed. Raises InvalidRequestError with issues about ``url``."""
    try:
        query_arguments: dict[str, Any] = EMBED_QUERIES[kind]().load(query)
    except ValidationError as error:
        issues = query_issues(error.messages)
        url_issues = [Issue(issue.code, parameter=f"url.{issue.parameter}", data=issue.data) for issue in issues]
        raise InvalidRequestError(url_issues) from error
    return query_arguments


def _make_document(embed: Embed, arguments: Arguments) -> OEmbedResponse:
    context = get_context()
    language = embed.context.rule.language
    # The title is in the language of the texts, which may be the fallback.
    languages = {passage.language for passage in embed.passages}
    language = languages.pop() if len(languages) == 1 else language
    width, height = fit_size(embed, arguments.get("maxwidth"), arguments.get("maxheight"))
    return OEmbedResponse(
        # A random moment is different on every visit, so the title is the kind of the embed.
        title=context.translations.gettext(language, KIND_NAMES[EmbedKind.RANDOM])
        if embed.target.is_random
        else name_embed(context.translations, embed, language),
        language=language,
        provider=context.translations.gettext(language, PROVIDER),
        provider_url=f"{context.settings.public_url}/?lang={embed.context.rule.language.value}",
        src=embed_url(embed),
        width=width,
        height=height,
        cache_age=context.settings.shared_max_age,
    )
