"""The embed pages, which other sites show in a frame: a text, a set of texts or a whole session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, request

from api.http.context import get_context
from api.http.read_context import open_read_session, parse_read_context
from api.http.request_hooks import produces
from api.http.responses import body_response, cacheable, link_header, not_cacheable, oembed_discovery_links
from api.pages.embed_page import base_path, embed_url, render_embed, switch_path
from api.schemas.embed import EMBED_QUERIES
from api.schemas.parser import parse_query_string
from api.services.embed.content import read_embed
from api.services.embed.model import Embed
from api.services.embed.target import EmbedKind, make_target

embed = Blueprint("embed", __name__)
ANY_SITE = "*"


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
    return _show(EmbedKind.DISCUSSION)


def _show(kind: EmbedKind, slug: str | None = None) -> Response:
    arguments = parse_query_string(EMBED_QUERIES[kind], request.query_string)
    context = get_context()
    with open_read_session() as session:
        read_context = parse_read_context(session, arguments)
        embedded = read_embed(session, read_context, context.branding, make_target(kind, arguments, slug))
    return _respond(embedded, is_named="lang" in arguments)


def _respond(embedded: Embed, *, is_named: bool) -> Response:
    """Return the page with its headers for caches, frames and oEmbed consumers."""
    target, page_url = embedded.target, embed_url(embedded)
    response = body_response(render_embed(embedded).encode(), "text/html; charset=utf-8")
    response.headers["Content-Language"] = ", ".join(language.value for language in embedded.languages)
    response.headers["Link"] = link_header(_list_links(embedded, page_url))
    allow_frames(response)
    canonical_url, is_pinned = None if is_named else page_url, embedded.context.is_pinned
    if target.is_random:
        del response.headers["ETag"]
        return not_cacheable(response, embedded.keys, is_pinned=is_pinned, canonical_url=canonical_url)
    epoch = embedded.context.snapshot.epoch
    return cacheable(response, epoch, embedded.keys, is_pinned=is_pinned, canonical_url=canonical_url)


def _list_links(embedded: Embed, page_url: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the links for oEmbed discovery, and the link to the page in the other language."""
    yield from oembed_discovery_links(page_url)
    if embedded.has_other:
        url = f"{get_context().settings.public_url}{switch_path(embedded).removeprefix(base_path())}"
        yield url, {"rel": "alternate", "hreflang": embedded.context.rule.language.other.value}


def allow_frames(response: Response) -> None:
    """Let the sites in the setting FRAME_ANCESTORS frame this page, which loads nothing from other sites.

    The directive is left out if every site may frame the page: ``frame-ancestors *`` would exclude sandboxed pages,
    files and apps, whose origin matches no source (CSP 3, 6.4.2.1), and show them a blank frame.
    """
    policy = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'"
    ancestors = get_context().settings.frame_ancestors
    if ancestors != ANY_SITE:
        # Always allow the service itself, because the embed builder shows a preview in a frame.
        others = "" if ancestors in {"'none'", "'self'"} else f" {ancestors}"
        policy = f"{policy}; frame-ancestors 'self'{others}"
    response.headers["Content-Security-Policy"] = policy
