"""Examples of read operations and of problems, requested from the example database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask.testing import FlaskClient

from api.domain.language import Language

EMBEDDED_URL = "http%3A%2F%2F127.0.0.1%3A8000%2Fv1%2Fmoments%2Fchain-reaction"
# The requests for each operation's examples, by operation id and language.
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "list_collection": (("cy", "/v1/collections?lang=cy"), ("en", "/v1/collections?lang=en")),
    "get_collection": (
        ("cy", "/v1/collections/consultant-social-workers?lang=cy"),
        ("en", "/v1/collections/consultant-social-workers?lang=en"),
    ),
    "list_section": (
        ("cy", "/v1/sections?lang=cy&limit=1&fields=title,author,links"),
        ("en", "/v1/sections?lang=en&limit=1&fields=title,author,links"),
    ),
    "get_section": (
        ("cy", "/v1/sections/consultant-social-workers-ground-rules?lang=cy"),
        ("en", "/v1/sections/consultant-social-workers-ground-rules?lang=en"),
    ),
    "list_category": (("cy", "/v1/categories?lang=cy&limit=1"), ("en", "/v1/categories?lang=en&limit=1")),
    "get_category": (("cy", "/v1/categories/research?lang=cy"), ("en", "/v1/categories/research?lang=en")),
    "list_moment": (
        ("cy", "/v1/moments?lang=cy&limit=2&fields=number,title,links"),
        ("en", "/v1/moments?lang=en&limit=2&fields=number,title,links"),
    ),
    "get_moment": (("cy", "/v1/moments/chain-reaction?lang=cy"), ("en", "/v1/moments/chain-reaction?lang=en")),
    "get_random_moment": (
        ("cy", "/v1/moments/random?lang=cy&seed=2026-11-23"),
        ("en", "/v1/moments/random?lang=en&seed=2026-11-23"),
    ),
    "list_ground_rule": (("cy", "/v1/ground-rules?lang=cy&limit=1"), ("en", "/v1/ground-rules?lang=en&limit=1")),
    "get_ground_rule": (
        ("cy", "/v1/ground-rules/everyone-is-asked?lang=cy"),
        ("en", "/v1/ground-rules/everyone-is-asked?lang=en"),
    ),
    "list_prompt": (
        ("cy", "/v1/prompts?lang=cy&stage=response&fields=text"),
        ("en", "/v1/prompts?lang=en&stage=response&fields=text"),
    ),
    "get_prompt": (("cy", "/v1/prompts/some-worry-me?lang=cy"), ("en", "/v1/prompts/some-worry-me?lang=en")),
    "list_guide": (
        ("cy", "/v1/guide?lang=cy&part=key-word&limit=1"),
        ("en", "/v1/guide?lang=en&part=key-word&limit=1"),
    ),
    "get_guide": (("cy", "/v1/guide/discuss-in-groups?lang=cy"), ("en", "/v1/guide/discuss-in-groups?lang=en")),
    "list_bilingual_collection": (("both", "/v1/bilingual/collections"),),
    "get_bilingual_collection": (("both", "/v1/bilingual/collections/consultant-social-workers"),),
    "list_bilingual_section": (("both", "/v1/bilingual/sections?limit=1&fields=title"),),
    "get_bilingual_section": (("both", "/v1/bilingual/sections/consultant-social-workers-what"),),
    "list_bilingual_category": (("both", "/v1/bilingual/categories?limit=1"),),
    "get_bilingual_category": (("both", "/v1/bilingual/categories/research"),),
    "list_bilingual_moment": (("both", "/v1/bilingual/moments?limit=2&fields=number,title"),),
    "get_bilingual_moment": (("both", "/v1/bilingual/moments/all-he-wanted-was-a-cwtch"),),
    "list_bilingual_ground_rule": (("both", "/v1/bilingual/ground-rules?fields=text"),),
    "get_bilingual_ground_rule": (("both", "/v1/bilingual/ground-rules/share-information"),),
    "list_bilingual_prompt": (("both", "/v1/bilingual/prompts?stage=after&fields=text"),),
    "get_bilingual_prompt": (("both", "/v1/bilingual/prompts/did-it-help"),),
    "list_bilingual_guide": (("both", "/v1/bilingual/guide?part=key-word&fields=text"),),
    "get_bilingual_guide": (("both", "/v1/bilingual/guide/after-the-session"),),
    "get_oembed": tuple(
        (
            language,
            f"/v1/oembed?url={EMBEDDED_URL}{form}&lang={language}",
        )
        for language in ("cy", "en")
        for form in ("", "&format=xml")
    ),
    "get_service": (("both", "/v1"),),
    "get_translation_status": (("both", "/v1/translation-status"),),
    "get_translation_status_csv": (("both", "/v1/translation-status.csv"),),
    "get_translation_status_badge": (
        ("cy", "/v1/translation-status/badge.svg?lang=cy"),
        ("en", "/v1/translation-status/badge.svg?lang=en"),
    ),
    "list_releases": (("both", "/v1/releases"),),
    "get_release": (("both", "/v1/releases/1"),),
    "search": (
        ("cy", "/v1/search?q=nghartref&lang=cy&limit=1"),
        ("en", "/v1/search?q=homes&lang=en&limit=1"),
    ),
    "list_changes": (("both", "/v1/changes?since=0&limit=1"),),
    "get_health": (("both", "/healthz"),),
    "get_readiness": (("both", "/readyz"),),
}
PROBLEM_EXAMPLES: dict[int, tuple[str, dict[str, str]]] = {
    400: ("/v1/moments?lang={lang}&limit=0", {}),
    404: ("/v1/moments/nid-oes-un?lang={lang}", {}),
    406: ("/v1?lang={lang}", {"Accept": "text/html"}),
    412: ("/v1?lang={lang}", {"If-Match": '"another"'}),
}
# The lists that are shortened in examples, by operation id.
LONG_LISTS = {"get_release": ("changes",), "get_translation_status": ("machine",)}
MAX_ITEMS = 2


def add_read_examples(document: dict[str, Any], client: FlaskClient) -> None:
    """Add examples of every operation that needs no token, and of the problems that all operations share."""
    problems = document["components"]["examples"] = _make_problems(client)
    for operation in list_operations(document):
        _add_successes(operation, client)
        refer_to_problems(operation, problems)


def list_operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every operation of the document."""
    members = [member for path in document["paths"].values() for member in path.values()]
    return [member for member in members if isinstance(member, dict) and "operationId" in member]


def refer_to_problems(operation: dict[str, Any], names: Iterable[str]) -> None:
    """Add references to shared problem examples (``404-cy``, ``work-404-cy``) to the problems of an operation."""
    for name in names:
        status, language = name.split("-")[-2:]
        media = operation["responses"].get(status, {}).get("content", {}).get("application/problem+json")
        if media is not None:
            media.setdefault("examples", {})[language] = {"$ref": f"#/components/examples/{name}"}


def _add_successes(operation: dict[str, Any], client: FlaskClient) -> None:
    name, content = operation["operationId"], operation["responses"].get("200", {}).get("content", {})
    for language, url in EXAMPLES.get(name, ()):
        response = client.get(url)
        value: Any = response.text
        summary = url
        if response.is_json:
            value, shortened = _shorten(json.loads(response.data), LONG_LISTS.get(name, ()))
            summary += f" ({', '.join(shortened)}: the first {MAX_ITEMS})" if shortened else ""
        examples = content[response.mimetype].setdefault("examples", {})
        examples[language] = {"summary": summary, "value": value}


def _shorten(value: dict[str, Any], names: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Shorten the lists with these names. Return the new value, and the names of the lists that were too long."""
    long = [name for name in names if len(value[name]) > MAX_ITEMS]
    return value | {name: value[name][:MAX_ITEMS] for name in long}, long


def _make_problems(client: FlaskClient) -> dict[str, dict[str, Any]]:
    """Return the shared examples of problems, by status and language (``400-cy``)."""
    examples = {}
    for status, (url, headers) in PROBLEM_EXAMPLES.items():
        for language in Language:
            response = client.get(
                url.format(lang=language.value), headers={"X-Request-Id": "example-request", **headers}
            )
            problem = json.loads(response.data)
            examples[f"{status}-{language.value}"] = {"summary": problem["title"], "value": problem}
    return examples
