"""The options of an embed, read from a form or a query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.domain.language import Fallback, Language
from api.schemas.embed import EMBED_QUERIES, EmbedQuery
from api.schemas.issues import query_issues
from api.services.embed.target import MINUTES, EmbedKind, Target, make_target

# A random moment can be embedded too, but not chosen in a form.
CHOOSABLE_KINDS = (EmbedKind.MOMENT, EmbedKind.PROMPT, EmbedKind.PROMPTS, EmbedKind.GROUND_RULES, EmbedKind.DISCUSSION)
KINDS_WITH_SLUG = frozenset({EmbedKind.MOMENT, EmbedKind.PROMPT})
_SCHEMAS: dict[EmbedKind, EmbedQuery] = {embed_kind: EMBED_QUERIES[embed_kind]() for embed_kind in CHOOSABLE_KINDS}


@dataclass(frozen=True, slots=True)
class EmbedOptions:
    """An embed and its language. Without a language, the embed is in the reader's language.

    ``has_fallback`` means that a text that is missing in the language is shown in the other language.
    """

    target: Target
    language: Language | None = None
    has_fallback: bool = False

    @property
    def kind(self) -> str:
        return self.target.kind.value

    @property
    def path(self) -> str:
        """Return the path and query of the embed."""
        fallback = {"fallback": Fallback.ALLOW.value} if self.has_fallback else {}
        return self.target.url("", {"lang": self.language.value, **fallback} if self.language else {})

    @property
    def parameters(self) -> dict[str, str]:
        """Return the options as query parameters."""
        named = {"kind": self.kind} | ({"slug": self.target.slug} if self.target.slug else {})
        return named | dict(parse_qsl(urlsplit(self.path).query))

    def path_of(self, path: str, **more: str) -> str:
        """Return the path and query of a page or file with the same options."""
        return f"{path}?{urlencode(self.parameters | more, safe=',')}"

    def name_file(self, release: int, ending: str) -> str:
        """Return the name of a file that contains the embed as of this release."""
        parts = ("magic-moments", self.kind, self.target.slug, f"r{release}")
        return "-".join(part for part in parts if part) + ending

    def in_language(self, language: Language) -> EmbedOptions:
        """Return the same options in ``language``."""
        return replace(self, language=language)

    @property
    def for_print(self) -> EmbedOptions:
        """Return the same options, with the defaults for options that only matter on a screen."""
        plain = replace(self.target, theme="auto", switch="yes", show="one", at=1, minutes=MINUTES)
        return replace(self, target=plain)


def read_options(query: MultiDict[str, str], language_parameter: str = "lang") -> EmbedOptions:
    """Return the options in a query; ``language_parameter`` is the name of the parameter for the language.

    A form without a script sends repeated and empty parameters, and sends the slug in a parameter named after the kind.
    Parameters that the kind does not have are ignored. Raises InvalidRequestError with all issues.
    """
    kind = query.get("kind") or EmbedKind.MOMENT.value
    if kind not in set(CHOOSABLE_KINDS):
        raise InvalidRequestError([Issue(IssueCode.UNKNOWN_CHOICE, parameter="kind", data=_choices(kind))])
    embed_kind = EmbedKind(kind)
    slug = (query.get("slug") or query.get(kind)) if embed_kind in KINDS_WITH_SLUG else None
    if embed_kind in KINDS_WITH_SLUG and not slug:
        raise InvalidRequestError([Issue(IssueCode.REQUIRED_PARAMETER, parameter="slug")])
    schema = _SCHEMAS[embed_kind]
    parameters = {name: language_parameter if name == "lang" else name for name in schema.fields}
    values = {name: ",".join(filter(None, query.getlist(parameter))) for name, parameter in parameters.items()}
    try:
        arguments = schema.load({name: value for name, value in values.items() if value})
    except ValidationError as error:
        messages: Any = error.messages
        raise InvalidRequestError(query_issues(messages)) from error
    return EmbedOptions(
        make_target(embed_kind, arguments, slug),
        Language(arguments["lang"]) if "lang" in arguments else None,
        has_fallback=arguments.get("fallback") == Fallback.ALLOW,
    )


def _choices(kind: str) -> dict[str, object]:
    return {"value": kind[:50], "choices": tuple(CHOOSABLE_KINDS)}
