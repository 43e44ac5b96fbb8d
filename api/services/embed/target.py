"""What is embedded and how: all that stands in an embed page's address, and back from any public address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from api.domain.errors import InvalidRequestError, Issue, NotEmbeddableError
from api.domain.issue_code import IssueCode
from api.domain.kind import PROMPT
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.services.delivery.request import ReadContext

STAGES = PROMPT.facet_values
MAX_MOMENTS = 20
MAX_URL = 2_000
MINUTES = 10


class EmbedKind(StrEnum):
    """What an embed page shows; one page each."""

    MOMENT = "moment"
    RANDOM = "random"
    PROMPT = "prompt"
    PROMPTS = "prompts"
    GROUND_RULES = "ground-rules"
    DISCUSSION = "session"


@dataclass(frozen=True, slots=True)
class Target:
    """An embed page: what it shows, how it looks, and the release it is frozen at. The language stands beside it."""

    kind: EmbedKind
    slug: str | None = None
    stage: str | None = None
    collection: str | None = None
    category: str | None = None
    seed: str | None = None
    moments: tuple[str, ...] = ()
    stages: tuple[str, ...] = STAGES
    minutes: int = MINUTES
    show: str = "one"
    at: int = 1
    switch: str = "yes"
    theme: str = "auto"
    release: int | None = None

    @property
    def path(self) -> str:
        return _PATHS[self.kind].format(slug=self.slug)

    @property
    def is_chance(self) -> bool:
        """Is it another text at every look?"""
        return self.kind is EmbedKind.RANDOM and self.seed is None

    def url(self, public_url: str, language: Mapping[str, str]) -> str:
        """The page's address with this language rule (``spell_rule``), and nothing that goes without saying."""
        said: dict[str, str | int | None] = {
            **language,
            "stage": self.stage,
            "collection": self.collection,
            "category": self.category,
            "seed": self.seed,
            "moments": ",".join(self.moments) or None,
            "stages": None if self.stages == STAGES else ",".join(self.stages),
            "minutes": _unless(self.minutes, MINUTES),
            "show": _unless(self.show, "one"),
            "at": _unless(self.at, 1),
            "switch": _unless(self.switch, "yes"),
            "theme": _unless(self.theme, "auto"),
            "release": self.release,
        }
        query = urlencode({name: value for name, value in said.items() if value is not None}, safe=",")
        return f"{public_url}{self.path}" + (f"?{query}" if query else "")

    def at_position(self, at: int) -> Target:
        """The same set at another place."""
        return replace(self, at=at)


def _unless(value: str | int, default: str | int) -> str | int | None:
    return None if value == default else value


def make_target(what: EmbedKind, arguments: Mapping[str, Any], slug: str | None = None) -> Target:
    """The target that the checked parameters of an embed page name."""
    taken = {name: value for name, value in arguments.items() if name in PARAMETERS - LANGUAGE_PARAMETERS}
    return Target(what, slug, **taken)


def rule_query(rule: LanguageRule, unsaid: MinState) -> dict[str, str]:
    """The language rule as an embed's address says it; ``unsaid`` is the state that goes without saying there."""
    said = {"lang": rule.language.value}
    if rule.fallback is Fallback.ALLOW:
        said["fallback"] = rule.fallback.value
    if rule.min_state is not unsaid:
        said["min_state"] = rule.min_state.value
    return said


def context_query(reading: ReadContext, language: Language | None = None) -> dict[str, str]:
    """The rule of a reading, or the same for another language, which is then meant: nothing stands in for it."""
    rule = reading.rule if language is None else LanguageRule(language, Fallback.NONE, reading.rule.min_state)
    return rule_query(rule, MinState.TRANSLATED if reading.is_pinned else reading.default_min_state)


LANGUAGE_PARAMETERS = frozenset({"lang", "fallback", "min_state"})
# All that any embed page reads; whatever else stands in an address is ignored, and no part of a cache's key.
PARAMETERS = LANGUAGE_PARAMETERS | {
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
_ADDRESS = re.compile(
    r"/(?:v1|v1/bilingual|embed)/(?:(?P<plural>moments|prompts)(?:/(?P<slug>[^/]+))?|(?P<rules>ground-rules))"
    r"|/embed/(?P<session>session)"
)


def find_target(url: str, public_url: str) -> tuple[EmbedKind, str | None, dict[str, str]]:
    """What a public address leads to, its slug, and its raw parameters. The host that was asked for is never believed.

    Raises RequestRefused for what is no web address, has a fragment, or is over 2,000 characters; NotEmbeddable for
    one that is not ours or has no embed page.
    """
    if len(url) > MAX_URL:
        raise InvalidRequestError([Issue(IssueCode.TOO_LONG, parameter="url", data={"limit": MAX_URL})])
    parts, own = _split(url), urlsplit(public_url)
    path = parts.path.removeprefix(own.path)
    if not _is_same_host(parts, own) or not parts.path.startswith(f"{own.path}/"):
        raise NotEmbeddableError(url)
    found = _ADDRESS.fullmatch(path)
    what = _what(found) if found else None
    if found is None or what is None:
        raise NotEmbeddableError(url)
    return what, found["slug"] if what is not EmbedKind.RANDOM else None, dict(parse_qsl(parts.query))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and "#" not in url and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or any(character.isspace() or not character.isprintable() for character in url):
        raise InvalidRequestError([Issue(IssueCode.NOT_AN_ADDRESS, parameter="url")])
    return parts


def _is_same_host(parts: SplitResult, own: SplitResult) -> bool:
    ports = {"http": 80, "https": 443}
    # A site moves from http to https, and its old links stay: the scheme decides nothing but the usual port.
    theirs, ours = (each.port or ports.get(each.scheme) for each in (parts, own))
    is_usual = parts.port is None and own.port is None
    has_login = parts.username is not None or parts.password is not None
    return parts.hostname == own.hostname and (theirs == ours or is_usual) and not has_login


def _what(found: re.Match[str]) -> EmbedKind | None:
    if found["session"]:
        return EmbedKind.DISCUSSION
    if found["rules"]:
        return EmbedKind.GROUND_RULES
    if found["plural"] == "prompts":
        return EmbedKind.PROMPT if found["slug"] else EmbedKind.PROMPTS
    if found["slug"] == "random":
        return EmbedKind.RANDOM
    return EmbedKind.MOMENT if found["slug"] else None
