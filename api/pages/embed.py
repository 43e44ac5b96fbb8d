"""The embed pages: one passage, a set, or a whole session, in a frame of somebody else's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import EXCLUDE

from api.http.cache_hints import mark_cacheable, open_read_session
from api.http.context import get_context
from api.http.read_context import (
    body_response,
    cache_control,
    link_header,
    make_conditional,
    oembed_discovery_links,
    parse_read_context,
)
from api.http.request_hooks import produces
from api.http.surrogate_keys import surrogate_key
from api.pages.embed_page import address_of, find_base, render_embed, switch_address
from api.schemas.embed import EMBED_QUERIES
from api.schemas.parser import ArgumentsParser
from api.services.embed.content import read_embed
from api.services.embed.model import Embed
from api.services.embed.target import EmbedKind, make_target

embed = Blueprint("embed", __name__)
ANYBODY = "*"
_PARSER = ArgumentsParser()
_SCHEMAS = {what: query() for what, query in EMBED_QUERIES.items()}


@embed.route("/embed/moments/<slug>")
@produces("text/html")
def show_moment(slug: str) -> Response:
    return _show(EmbedKind.MOMENT, slug)


@embed.route("/embed/moments/random")
@produces("text/html")
def show_random_moment() -> Response:
    return _show(EmbedKind.RANDOM)


@embed.route("/embed/prompts/<slug>")
@produces("text/html")
def show_prompt(slug: str) -> Response:
    return _show(EmbedKind.PROMPT, slug)


@embed.route("/embed/prompts")
@produces("text/html")
def show_prompts() -> Response:
    return _show(EmbedKind.PROMPTS)


@embed.route("/embed/ground-rules")
@produces("text/html")
def show_ground_rules() -> Response:
    return _show(EmbedKind.GROUND_RULES)


@embed.route("/embed/session")
@produces("text/html")
def show_session() -> Response:
    return _show(EmbedKind.SESSION)


def _show(what: EmbedKind, slug: str | None = None) -> Response:
    arguments: Mapping[str, Any] = _PARSER.parse(_SCHEMAS[what], request, location="query", unknown=EXCLUDE)
    context = get_context()
    with open_read_session() as session:
        reading = parse_read_context(session, arguments)
        found = read_embed(session, reading, context.branding, make_target(what, arguments, slug))
    return _respond(found, is_named="lang" in arguments)


def _respond(found: Embed, *, is_named: bool) -> Response:
    """The page with all that a cache, a frame and a consumer of oEmbed must know of it."""
    target, own = found.target, address_of(found)
    response = body_response(render_embed(found).encode(), "text/html; charset=utf-8")
    response.headers["Content-Language"] = ", ".join(language.value for language in found.languages)
    if not is_named:
        response.headers["Vary"] = "Accept-Language"
        response.headers["Content-Location"] = own
    is_fixed = found.reading.is_pinned and is_named
    response.headers["Cache-Control"] = "no-store" if target.is_chance else cache_control(is_fixed)
    response.headers["Surrogate-Key"] = surrogate_key(*found.keys, is_pinned=found.reading.is_pinned)
    response.headers["Link"] = link_header(_list_links(found, own))
    allow_frames(response)
    if target.is_chance:
        del response.headers["ETag"]
        return response
    mark_cacheable(found.reading.snapshot.epoch, is_fixed=is_fixed)
    return make_conditional(response)


def _list_links(found: Embed, own: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Discovery for oEmbed, and the other language."""
    yield from oembed_discovery_links(own)
    if found.has_other:
        url = f"{get_context().settings.public_url}{switch_address(found).removeprefix(find_base())}"
        yield url, {"rel": "alternate", "hreflang": found.reading.rule.language.other.value}


def allow_frames(response: Response) -> None:
    """Let the sites frame this page that the setting names; it takes nothing from anywhere but the service.

    Where anybody may, nobody is named: ``frame-ancestors *`` shuts out sandboxed pages, files and apps, whose origin
    matches no source (CSP 3, 6.4.2.1), and what they would show is a blank frame.
    """
    policy = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'"
    ancestors = get_context().settings.frame_ancestors
    if ancestors != ANYBODY:
        # The page for trainers shows what they chose, whoever else may.
        others = "" if ancestors in {"'none'", "'self'"} else f" {ancestors}"
        policy = f"{policy}; frame-ancestors 'self'{others}"
    response.headers["Content-Security-Policy"] = policy
