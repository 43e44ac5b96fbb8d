"""A choice of what to embed, as a form or an address names it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.schemas.embed import EMBED_QUERIES, EmbedQuery
from api.schemas.issues import query_issues
from api.services.embed.target import MINUTES, EmbedKind, Target, make_target

# What can be chosen by name. A moment by chance is for who writes the address by hand.
KINDS = (EmbedKind.MOMENT, EmbedKind.PROMPT, EmbedKind.PROMPTS, EmbedKind.GROUND_RULES, EmbedKind.DISCUSSION)
NAMED = frozenset({EmbedKind.MOMENT, EmbedKind.PROMPT})
_SCHEMAS: dict[EmbedKind, EmbedQuery] = {what: EMBED_QUERIES[what]() for what in KINDS}


@dataclass(frozen=True, slots=True)
class EmbedOptions:
    """An embed, and the language that it is wanted in; None is the reader's own."""

    target: Target
    language: Language | None = None

    @property
    def kind(self) -> str:
        return self.target.kind.value

    @property
    def address(self) -> str:
        """The path and query of the embed."""
        return self.target.url("", {"lang": self.language.value} if self.language else {})

    @property
    def parameters(self) -> dict[str, str]:
        """The choice by the names that the component's attributes have too."""
        named = {"kind": self.kind} | ({"slug": self.target.slug} if self.target.slug else {})
        return named | dict(parse_qsl(urlsplit(self.address).query))

    def address_of(self, path: str, **more: str) -> str:
        """The path and query of something else that is made from the same choice."""
        return f"{path}?{urlencode(self.parameters | more, safe=',')}"

    def name_file(self, release: int, ending: str) -> str:
        """A name for a file with the choice as it is in a release."""
        parts = ("magic-moments", self.kind, self.target.slug, f"r{release}")
        return "-".join(part for part in parts if part) + ending

    def speaking(self, language: Language) -> EmbedOptions:
        """The same, in ``language``."""
        return replace(self, language=language)

    @property
    def on_paper(self) -> EmbedOptions:
        """The same without what only a screen has."""
        plain = replace(self.target, theme="auto", switch="yes", show="one", at=1, minutes=MINUTES)
        return replace(self, target=plain)


def read_options(given: MultiDict[str, str], language: str = "lang") -> EmbedOptions:
    """The choice that a query names; ``language`` is the parameter that names its language.

    A form without a script sends what it has: several of a name, empty ones, a slug under its kind's name. What the
    kind has no use for is left alone. Raises RequestRefused, with all that is wrong.
    """
    kind = given.get("kind") or EmbedKind.MOMENT.value
    if kind not in set(KINDS):
        raise InvalidRequestError([Issue(IssueCode.UNKNOWN_CHOICE, parameter="kind", data=_choices(kind))])
    what = EmbedKind(kind)
    slug = (given.get("slug") or given.get(kind)) if what in NAMED else None
    if what in NAMED and not slug:
        raise InvalidRequestError([Issue(IssueCode.REQUIRED_PARAMETER, parameter="slug")])
    schema = _SCHEMAS[what]
    said = {name: ",".join(filter(None, given.getlist(language if name == "lang" else name))) for name in schema.fields}
    try:
        arguments = schema.load({name: value for name, value in said.items() if value})
    except ValidationError as error:
        messages: Any = error.messages
        raise InvalidRequestError(query_issues(messages)) from error
    return EmbedOptions(
        make_target(what, arguments, slug), Language(arguments["lang"]) if "lang" in arguments else None
    )


def _choices(kind: str) -> dict[str, str]:
    return {"value": kind[:50], "choices": ", ".join(KINDS)}
