"""Targets of embeds: the content and appearance of an embed page, as its URL describes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlencode, urlsplit

from api.domain.errors import InvalidRequestError, Issue, NotEmbeddableError
from api.domain.issue_code import IssueCode
from api.domain.kind import PROMPT
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.services.delivery.request import ReadContext

ALL_STAGES = PROMPT.facet_values
MAX_MOMENTS = 20
# In characters. No URL of an embed is longer: a `seed` of 200 characters has up to 2,400 when percent-encoded, twenty
# slugs with commas have 2,019, and PUBLIC_URL has up to 500.
MAX_URL = 4_000
MINUTES = 10


class EmbedKind(StrEnum):
    """The kinds of embed page."""

    MOMENT = "moment"
    RANDOM = "random"
    PROMPT = "prompt"
    PROMPTS = "prompts"
    GROUND_RULES = "ground-rules"
    DISCUSSION = "session"


@dataclass(frozen=True, slots=True)
class Target:
    """An embed page: its content, its appearance, and the release that it is pinned to.

    The language rule is not part of the target. If the texts of a set are shown one at a time, ``at`` is the position
    of the text, from 1.
    """

    kind: EmbedKind
    slug: str | None = None
    stage: str | None = None
    collection: str | None = None
    category: str | None = None
    seed: str | None = None
    moments: tuple[str, ...] = ()
    stages: tuple[str, ...] = ALL_STAGES
    minutes: int = MINUTES
    show: str = "one"
    at: int = 1
    switch: str = "yes"
    theme: str = "auto"
    release: int | None = None

    @property
    def path(self) -> str:
        """The path of the page."""
        return _PATHS[self.kind].format(slug=self.slug)

    @property
    def is_random(self) -> bool:
        """Whether each request may show a different text."""
        return self.kind is EmbedKind.RANDOM and self.seed is None

    def url(self, public_url: str, language: Mapping[str, str]) -> str:
        """Return the URL of the page. Parameters with default values are left out.

        ``language`` is the language rule as parameters (see ``rule_query``).
        """
        params: dict[str, str | int | None] = {
            **language,
            "stage": self.stage,
            "collection": self.collection,
            "category": self.category,
            "seed": self.seed,
            "moments": ",".join(self.moments) or None,
            "stages": None if self.stages == ALL_STAGES else ",".join(self.stages),
            "minutes": _unless(self.minutes, MINUTES),
            "show": _unless(self.show, "one"),
            "at": _unless(self.at, 1),
            "switch": _unless(self.switch, "yes"),
            "theme": _unless(self.theme, "auto"),
            "release": self.release,
        }
        query = urlencode({name: value for name, value in params.items() if value is not None}, safe=",")
        return f"{public_url}{self.path}" + (f"?{query}" if query else "")

    def at_position(self, at: int) -> Target:
        """Return the same set at another position."""
        return replace(self, at=at)


def _unless(value: str | int, default: str | int) -> str | int | None:
    return None if value == default else value


def make_target(kind: EmbedKind, arguments: Mapping[str, Any], slug: str | None = None) -> Target:
    """Return the target for the validated parameters of an embed page."""
    params = {name: value for name, value in arguments.items() if name in EMBED_PARAMETERS - LANGUAGE_PARAMETERS}
    return Target(kind, slug, **params)


def rule_query(rule: LanguageRule, default: MinState) -> dict[str, str]:
    """Return the language rule as parameters of an embed page, without ``min_state`` if it is ``default``."""
    params = {"lang": rule.language.value}
    if rule.fallback is Fallback.ALLOW:
        params["fallback"] = rule.fallback.value
    if rule.min_state is not default:
        params["min_state"] = rule.min_state.value
    return params


def context_query(context: ReadContext, language: Language | None = None) -> dict[str, str]:
    """Return the language rule of a request as parameters.

    If ``language`` is given, the rule is for this language only, without fallback.
    """
    rule = context.rule if language is None else LanguageRule(language, Fallback.NONE, context.rule.min_state)
    return rule_query(rule, MinState.TRANSLATED if context.is_pinned else context.default_min_state)


LANGUAGE_PARAMETERS = frozenset({"lang", "fallback", "min_state"})
# All parameters of embed pages. Other parameters are ignored, and are not part of the cache key.
EMBED_PARAMETERS = LANGUAGE_PARAMETERS | {
    "stage", "collection", "category", "seed", "moments", "stages", "minutes", "show", "at", "switch", "theme",
    "release",
}  # fmt: skip
_PATHS = {
    EmbedKind.MOMENT: "/embed/moments/{slug}",
    EmbedKind.RANDOM: "/embed/moments/random",
    EmbedKind.PROMPT: "/embed/prompts/{slug}",
    EmbedKind.PROMPTS: "/embed/prompts",
    EmbedKind.GROUND_RULES: "/embed/ground-rules",
    EmbedKind.DISCUSSION: "/embed/session",
}
_PATH = re.compile(
    r"/(?:v1|v1/bilingual|embed)/(?:(?P<plural>moments|prompts)(?:/(?P<slug>[^/]+))?|(?P<rules>ground-rules))"
    r"|/embed/(?P<session>session)"
)


def find_target(url: str, public_url: str) -> tuple[EmbedKind, str | None, dict[str, str]]:
    """Return the kind of embed, the slug and the raw parameters of a public URL.

    The path is read as the service reads the path of a request. The host is compared with ``public_url``, never with
    the host of the request. Raises InvalidRequestError if the text is not a web URL, has a fragment or a repeated
    parameter, or has over 4,000 characters; NotEmbeddableError for a URL of another site or without an embed page.
    """
    if len(url) > MAX_URL:
        raise InvalidRequestError([Issue(IssueCode.TOO_LONG, parameter="url", data={"limit": MAX_URL})])
    parts, own = _split(url), urlsplit(public_url)
    path = unquote(parts.path.removeprefix(own.path)).removesuffix("/")
    if not _is_same_host(parts, own) or not parts.path.startswith(f"{own.path}/"):
        raise NotEmbeddableError(url)
    match = _PATH.fullmatch(path)
    kind = _kind_of(match) if match else None
    if match is None or kind is None:
        raise NotEmbeddableError(url)
    return kind, match["slug"] if kind is not EmbedKind.RANDOM else None, _read_parameters(parts.query)


def _read_parameters(query: str) -> dict[str, str]:
    """Return the parameters that embed pages know. Raises InvalidRequestError if one of them is repeated."""
    sent = {name: values for name, values in parse_qs(query).items() if name in EMBED_PARAMETERS}
    issues = [
        Issue(IssueCode.REPEATED_PARAMETER, parameter=f"url.{name}") for name, values in sent.items() if len(values) > 1
    ]
    if issues:
        raise InvalidRequestError(issues)
    return {name: values[0] for name, values in sent.items()}


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and "#" not in url and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or any(character.isspace() or not character.isprintable() for character in url):
        raise InvalidRequestError([Issue(IssueCode.NOT_AN_ADDRESS, parameter="url")])
    return parts


def _is_same_host(parts: SplitResult, own: SplitResult) -> bool:
    ports = {"http": 80, "https": 443}
    # Compare ports, but not schemes, so that links still work after a move from http to https.
    port, own_port = (url.port or ports.get(url.scheme) for url in (parts, own))
    has_default_ports = parts.port is None and own.port is None
    has_login = parts.username is not None or parts.password is not None
    return parts.hostname == own.hostname and (port == own_port or has_default_ports) and not has_login


def _kind_of(match: re.Match[str]) -> EmbedKind | None:
    if match["session"]:
        return EmbedKind.DISCUSSION
    if match["rules"]:
        return EmbedKind.GROUND_RULES
    if match["plural"] == "prompts":
        return EmbedKind.PROMPT if match["slug"] else EmbedKind.PROMPTS
    if match["slug"] == "random":
        return EmbedKind.RANDOM
    return EmbedKind.MOMENT if match["slug"] else None
