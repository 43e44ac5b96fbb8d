"""Examples of read operations and of problems, requested from the example database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask.testing import FlaskClient

from api.domain.language import Language
from api.openapi.shared_responses import response_name

EMBEDDED_URL = "http%3A%2F%2F127.0.0.1%3A8000%2Fv1%2Fmoments%2Fchain-reaction"
# The requests for each operation's examples, by operation id and language.
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "list_collections": (("cy", "/v1/collections?lang=cy"), ("en", "/v1/collections?lang=en")),
    "get_collection": (
        ("cy", "/v1/collections/consultant-social-workers?lang=cy"),
        ("en", "/v1/collections/consultant-social-workers?lang=en"),
    ),
    "list_sections": (
        ("cy", "/v1/sections?lang=cy&id=section.consultant-social-workers-facilitating"),
        ("en", "/v1/sections?lang=en&id=section.consultant-social-workers-facilitating"),
    ),
    "get_section": (
        ("cy", "/v1/sections/consultant-social-workers-facilitating?lang=cy"),
        ("en", "/v1/sections/consultant-social-workers-facilitating?lang=en"),
    ),
    "list_categories": (("cy", "/v1/categories?lang=cy&limit=1"), ("en", "/v1/categories?lang=en&limit=1")),
    "get_category": (("cy", "/v1/categories/research?lang=cy"), ("en", "/v1/categories/research?lang=en")),
    "list_moments": (
        ("cy", "/v1/moments?lang=cy&limit=1"),
        ("en", "/v1/moments?lang=en&limit=1"),
    ),
    "get_moment": (("cy", "/v1/moments/chain-reaction?lang=cy"), ("en", "/v1/moments/chain-reaction?lang=en")),
    "get_random_moment": (
        ("cy", "/v1/moments/random?lang=cy&seed=2026-11-23"),
        ("en", "/v1/moments/random?lang=en&seed=2026-11-23"),
    ),
    "list_ground_rules": (("cy", "/v1/ground-rules?lang=cy&limit=1"), ("en", "/v1/ground-rules?lang=en&limit=1")),
    "get_ground_rule": (
        ("cy", "/v1/ground-rules/everyone-is-asked?lang=cy"),
        ("en", "/v1/ground-rules/everyone-is-asked?lang=en"),
    ),
    "list_prompts": (
        ("cy", "/v1/prompts?lang=cy&stage=response&limit=1"),
        ("en", "/v1/prompts?lang=en&stage=response&limit=1"),
    ),
    "get_prompt": (("cy", "/v1/prompts/some-worry-me?lang=cy"), ("en", "/v1/prompts/some-worry-me?lang=en")),
    "list_guide_entries": (
        ("cy", "/v1/guide?lang=cy&part=key-word&limit=1"),
        ("en", "/v1/guide?lang=en&part=key-word&limit=1"),
    ),
    "get_guide_entry": (("cy", "/v1/guide/after-the-session?lang=cy"), ("en", "/v1/guide/after-the-session?lang=en")),
    "list_bilingual_collections": (("both", "/v1/bilingual/collections"),),
    "get_bilingual_collection": (("both", "/v1/bilingual/collections/consultant-social-workers"),),
    "list_bilingual_sections": (("both", "/v1/bilingual/sections?id=section.consultant-social-workers-facilitating"),),
    "get_bilingual_section": (("both", "/v1/bilingual/sections/consultant-social-workers-facilitating"),),
    "list_bilingual_categories": (("both", "/v1/bilingual/categories?limit=1"),),
    "get_bilingual_category": (("both", "/v1/bilingual/categories/research"),),
    "list_bilingual_moments": (("both", "/v1/bilingual/moments?limit=1"),),
    "get_bilingual_moment": (("both", "/v1/bilingual/moments/all-he-wanted-was-a-cwtch"),),
    "list_bilingual_ground_rules": (("both", "/v1/bilingual/ground-rules?limit=1"),),
    "get_bilingual_ground_rule": (("both", "/v1/bilingual/ground-rules/share-information"),),
    "list_bilingual_prompts": (("both", "/v1/bilingual/prompts?stage=after&limit=1"),),
    "get_bilingual_prompt": (("both", "/v1/bilingual/prompts/did-it-help"),),
    "list_bilingual_guide_entries": (("both", "/v1/bilingual/guide?part=key-word&limit=1"),),
    "get_bilingual_guide_entry": (("both", "/v1/bilingual/guide/after-the-session"),),
    "get_oembed": tuple(
        (
            language,
            f"/v1/oembed?url={EMBEDDED_URL}{form}&lang={language}",
        )
        for language in ("cy", "en")
        for form in ("", "&format=xml")
    ),
    "get_service": (("both", "/v1"),),
    "get_vocabulary": (("both", "/v1/vocabulary"),),
    "get_translation_status": (("both", "/v1/translation-status"),),
    "get_translation_status_csv": (("both", "/v1/translation-status.csv"),),
    "get_translation_status_badge": (
        ("cy", "/v1/translation-status/badge.svg?lang=cy"),
        ("en", "/v1/translation-status/badge.svg?lang=en"),
    ),
    "list_releases": (("both", "/v1/releases"),),
    "get_release": (("both", "/v1/releases/1"),),
    "search_content": (
        ("cy", "/v1/search?q=nghartref&lang=cy&limit=1"),
        ("en", "/v1/search?q=homes&lang=en&limit=1"),
    ),
    "list_changes": (("both", "/v1/changes?since=0&include=content&limit=1"),),
    "get_health": (("both", "/healthz"),),
    "get_readiness": (("both", "/readyz"),),
}
PROBLEM_EXAMPLES: dict[int, tuple[str, dict[str, str]]] = {
    400: ("/v1/moments?lang={lang}&limit=0", {}),
    404: ("/v1/moments/nid-oes-un?lang={lang}", {}),
    406: ("/v1?lang={lang}", {"Accept": "text/html"}),
    412: ("/v1?lang={lang}", {"If-Match": '"another"'}),
}
# The lists and objects that are shortened in examples, by operation id.
LONG_LISTS = {
    "get_release": ("changes",),
    "get_translation_status": ("machine",),
    "get_vocabulary": (
        "kinds", "kind_plurals", "stages", "parts", "states", "origins", "gaps", "changes", "meanings", "notes",
    ),
}  # fmt: skip
MAX_ITEMS = 2
REQUEST_ID = {"X-Request-Id": "example-request"}


def add_read_examples(document: dict[str, Any], client: FlaskClient) -> None:
    """Add examples of every operation that needs no token, and of the problems that all operations share."""
    for operation in list_operations(document):
        _add_successes(operation, client)
    for status, (url, headers) in PROBLEM_EXAMPLES.items():
        for language in Language:
            response = client.get(url.format(lang=language.value), headers={**REQUEST_ID, **headers})
            add_problem_example(document, status, language.value, json.loads(response.data))


def list_operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every operation of the document."""
    members = [member for path in document["paths"].values() for member in path.values()]
    return [member for member in members if isinstance(member, dict) and "operationId" in member]


def add_problem_example(document: dict[str, Any], status: int, name: str, problem: dict[str, Any]) -> None:
    """Add ``problem`` to the examples of the response that all operations with this status share."""
    responses = document["components"]["responses"]
    media = responses[response_name(status)]["content"]["application/problem+json"]
    media.setdefault("examples", {})[name] = {"summary": problem["title"], "value": problem}


def _add_successes(operation: dict[str, Any], client: FlaskClient) -> None:
    name, content = operation["operationId"], operation["responses"].get("200", {}).get("content", {})
    for language, url in EXAMPLES.get(name, ()):
        response = client.get(url, headers=REQUEST_ID)
        value: Any = response.text
        summary = url
        if response.is_json:
            value, shortened = _shorten(json.loads(response.data), LONG_LISTS.get(name, ()))
            summary += f" ({', '.join(shortened)}: the first {MAX_ITEMS})" if shortened else ""
        examples = content[response.mimetype].setdefault("examples", {})
        examples[language] = {"summary": summary, "value": value}


def _shorten(value: dict[str, Any], names: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Shorten those of the named members that are long. Return the new value and the names of the shortened members."""
    long = [name for name in names if len(value[name]) > MAX_ITEMS]
    return value | {name: type(value[name])(_take(value[name])) for name in long}, long


def _take(items: Any) -> Any:
    return list(items.items())[:MAX_ITEMS] if isinstance(items, dict) else items[:MAX_ITEMS]
