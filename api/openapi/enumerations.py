"""The sets of words in the API document, each a schema with a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.domain.actions import AuditAction, Decision, Side
from api.domain.gap import OMITTING_GAPS, PUBLISHED_GAPS, Gap
from api.domain.kind import GUIDE, KINDS, MOMENT, PROMPT
from api.domain.language import Fallback, Language
from api.domain.roles import Role
from api.domain.rule import FallbackReason
from api.domain.state import MinState, Origin, State
from api.openapi.shared_parameters import component_name
from api.schemas.content import field_names
from api.schemas.search import HIT_FIELDS
from api.services.delivery.list_order import list_sorts

# The description and the words of each schema, by its name. Sets with the same words share one schema.
ENUMERATIONS: dict[str, tuple[str, Iterable[str]]] = {
    "AuditAction": ("The action that an entry of the audit log records.", AuditAction),
    "BlockerGap": ("A reason why a resource cannot be released.", Gap),
    "ChangeType": ("How a resource changed in public.", ("published", "moved", "withdrawn")),
    "EditOperation": ("How a part of a text changed.", ("equal", "insert", "delete")),
    "Fallback": ("Whether the other language may be served if the requested one is not available.", Fallback),
    "FallbackReason": ("Why the requested language is not served.", FallbackReason),
    "GuidePart": ("The part of the guide.", GUIDE.facet_values),
    "Kind": ("The kind of a resource.", KINDS),
    "Language": ("A language of the service, as a BCP 47 tag.", Language),
    "MinState": ("The state that a translation must have reached to be served or released.", MinState),
    "NumberedSort": ("The order of a list whose resources have numbers.", list_sorts(MOMENT)),
    "Origin": ("The kind of author: a machine, a person who edited a machine’s text, unknown, or a person.", Origin),
    "PendingChange": ("How the next release would change a resource.", ("new", "changed", "withdrawn")),
    "PromptStage": ("The stage of a discussion.", PROMPT.facet_values),
    "ReviewDecision": ("A reviewer’s decision on a translation.", Decision),
    "Role": ("A role of a token.", Role),
    "Sort": ("The order of a list.", list_sorts(PROMPT)),
    "State": ("The state of a public text: `source`, or the state of the translation.", list(State)[1:]),
    "TargetState": ("The state of a translation in the working copy.", list(State)[: State.REVIEWED.rank + 1]),
    "TextSide": ("One of the two texts of a unit.", Side),
    "WaivableGap": ("A gap between the languages that can be waived.", (*OMITTING_GAPS, *PUBLISHED_GAPS)),
    "WrittenState": ("The state of a translation as it was written: a draft or finished.", list(State)[:2]),
}


# The names that the parameter ``fields`` may contain: in a search, and for each kind.
ENUMERATIONS["SearchField"] = ("A field of a search result.", HIT_FIELDS)
ENUMERATIONS |= {
    f"{component_name(kind.name)}Field": (f"A field of a resource of the kind `{kind.name}`.", field_names(kind))
    for kind in KINDS.values()
}


class UnnamedEnumerationError(LookupError):
    """A set of words in the API document has no name in ENUMERATIONS."""


def share_enumerations(document: dict[str, Any]) -> None:
    """Replace every set of words in ``document`` by a reference to a schema.

    A set of one word becomes a constant. Raises UnnamedEnumerationError.
    """
    schemas = {name: _describe(description, words) for name, (description, words) in ENUMERATIONS.items()}
    names = {frozenset(schema["enum"]): name for name, schema in schemas.items()}
    used: set[str] = set()
    for group in (document["paths"], *document["components"].values()):
        _replace(group, names, used)
    document["components"]["schemas"] |= {name: schema for name, schema in schemas.items() if name in used}


def _describe(description: str, words: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "description": description, "enum": [str(word) for word in words]}


def _replace(item: Any, names: Mapping[frozenset[str], str], used: set[str]) -> None:
    """Replace each set of words in ``item``, in place, with a reference to its schema. Add its name to ``used``."""
    if isinstance(item, list):
        for member in item:
            _replace(member, names, used)
    if not isinstance(item, dict):
        return
    words = frozenset(str(word) for word in item.get("enum", ()) if word is not None)
    if words and "type" in item:
        is_nullable = "null" in item["type"]
        del item["enum"], item["type"]
        item |= _refer(words, names, used, is_nullable=is_nullable)
    for name, member in item.items():
        if name not in {"example", "examples", "enum"}:
            _replace(member, names, used)


def _refer(
    words: frozenset[str], names: Mapping[frozenset[str], str], used: set[str], *, is_nullable: bool
) -> dict[str, Any]:
    if len(words) == 1:
        return {"type": "string", "const": next(iter(words))}
    name = names.get(words)
    if name is None:
        raise UnnamedEnumerationError(
            f"ENUMERATIONS in api/openapi/enumerations.py has no name for {', '.join(sorted(words))}"
        )
    used.add(name)
    reference = {"$ref": f"#/components/schemas/{name}"}
    return {"anyOf": [reference, {"type": "null"}]} if is_nullable else reference
