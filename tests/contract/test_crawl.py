"""The service accepts every address that it issues.

A crawler starts at ``/``, at ``/v1``, and at each list, report and page with each value of each parameter; it follows
every address in every response. The booklet has the longest slugs, seeds and queries that are allowed, gaps in both
languages, retired slugs and a withdrawn moment. Of addresses that differ only in slugs, numbers, cursors and releases,
a sample is followed: see ``tests/tools/crawler.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.db.database import Database
from api.domain.kind import PLURALS
from api.domain.roles import Role
from tests.tools.clients import create_tokens
from tests.tools.crawler import Crawler
from tests.tools.endpoints import V1
from tests.tools.longest_booklet import MISSING, UNREVIEWED, WITHDRAWN, load_longest_booklet, make_entries
from tests.tools.openapi import find_path, list_operations, list_parameters, resolve

PUBLIC = "https://cynnwys.example/hud"
SLUGS = {item.id: {name: slug for name, slug in item.slugs.items() if slug} for item in make_entries()}
SESSION = [
    slugs["en"] for name, slugs in SLUGS.items() if name.startswith("moment.") and name not in {*MISSING, *UNREVIEWED}
][:20]
# Four bytes in UTF-8 and twelve characters in a URL each: a picture, and a letter that a query can search for.
LONG_SEED, LONG_QUERY = "🌟" * 200, "𐐷" * 200
FIRST, CARE, SMALL = SLUGS["moment.first"], SLUGS["category.care"], SLUGS["collection.small"]
# Values of the parameters that have no list of values. Those of the first two are retired slugs.
VALUES: Mapping[str, tuple[str, ...]] = {
    "collection": (SMALL["en"], SMALL["cy"]),
    "category": (CARE["cy"],),
    "number": ("1", "3"),
    "q": ("body", "bod*", LONG_QUERY),
    "seed": (LONG_SEED, "2026-11-23"),
    "limit": ("1", "100"),
    "release": ("1", "2", "3"),
    "since": ("0", "1"),
    "url": (f"{PUBLIC}/v1/moments/{FIRST['cy']}", f"{PUBLIC}/v1/prompts/{SLUGS['prompt.begin']['en']}"),
    "format": ("json", "xml"),
    "maxwidth": ("320",),
    "maxheight": ("100",),
    "by": ("content",),
    "subject": ("moment.first",),
}
REQUIRED = {"/v1/search": {"q": "body"}, "/v1/changes": {"since": "0"}, "/v1/oembed": {"url": VALUES["url"][0]}}
SEPARATE = frozenset({"lang", "fallback", "min_state", "after"})
LANGUAGES: tuple[dict[str, str], ...] = (
    {},
    {"lang": "cy"},
    {"lang": "en", "fallback": "allow"},
    {"lang": "cy", "min_state": "reviewed"},
)


def _values(path: str, parameter: Mapping[str, Any]) -> list[str]:
    """Return the values of a parameter of ``path`` to try: of a list of words, all of them together and each alone."""
    name, schema = parameter["name"], resolve(parameter["schema"])
    if name == "id":
        kind = next(PLURALS[part].name for part in path.split("/") if part in PLURALS)
        return [",".join(item for item in SLUGS if item.startswith(f"{kind}.") and item != WITHDRAWN)]
    words = resolve(resolve(schema).get("items", {})).get("enum")
    if words:
        return [",".join(words), *(words if name != "fields" else ())]
    if schema.get("type") == "boolean":
        return ["true", "false"]
    listed = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return list(map(str, listed)) or list(VALUES.get(name, ()))


def _seeds_of(path: str, template: str, rules: Sequence[Mapping[str, str]] = LANGUAGES) -> Iterator[str]:
    """Yield a path with each value of each parameter, in each language."""
    parameters = {item["name"]: item for item in list_parameters(template, "get") if item["in"] == "query"}
    required = REQUIRED.get(template, {})
    singles: list[dict[str, str]] = [{}]
    singles += [
        {name: value} for name, item in parameters.items() if name not in SEPARATE for value in _values(template, item)
    ]
    if "sort" in parameters:
        singles += [{"sort": value, "limit": "1"} for value in _values(template, parameters["sort"])]
    languages = [rule for rule in rules if rule.keys() <= parameters.keys()]
    # A random moment of a selection that has none is a 404.
    languages = [rule for rule in languages if "min_state" not in rule or not path.endswith("random")]
    for rule, single in product(languages, singles):
        query = urlencode({**required, **single, **rule})
        yield f"{path}?{query}" if query else path


def _public_seeds(engine: str = "sqlite") -> Iterator[str]:
    """Yield the seeds that need no token. On PostgreSQL, a sample: lists in the language of the header."""
    yield from (
        "/",
        "/?lang=cy",
        "/?lang=en",
        "/docs",
        "/problems?lang=cy",
        "/embed",
        "/embed?lang=cy",
        "/embed?lang=en",
        "/v1/moments/?lang=CY",
        "/v1/moments?lang=cy-GB&utm_source=x&_=1",
        "/embed/ground-rules?lang=en_GB",
    )
    for endpoint in V1:
        if "<" not in endpoint.rule:
            yield from _seeds_of(endpoint.path, endpoint.rule, LANGUAGES if engine == "sqlite" else LANGUAGES[:1])
    for language, fallback in product(("cy", "en"), ("", "&fallback=allow")):
        rule = f"lang={language}{fallback}"
        for item, slugs in SLUGS.items():
            # A language that is missing is a 404 without the fallback.
            is_left_out = MISSING.get(item) == language or (item in UNREVIEWED and language == "cy")
            if (is_left_out and not fallback) or item == WITHDRAWN or "en" not in slugs:
                continue
            plural = next(kind.plural for kind in PLURALS.values() if kind.name == item.partition(".")[0])
            yield f"/v1/{plural}/{slugs['en']}?{rule}"
        yield f"/embed/prompts?{rule}&stage=framing&at=1"
        yield f"/embed/prompts?{rule}&at=1000000"
        yield f"/embed/ground-rules?{rule}&collection={SMALL['cy']}"
        yield f"/embed/moments/random?{rule}&seed={quote(LONG_SEED)}&category={CARE['en']}"
        yield f"/embed/session?{rule}&moments={','.join(SESSION)}&theme=dark&minutes=240"
        yield f"/embed/session?{rule}&moments={SESSION[0]},{SLUGS['moment.second']['en']}"
    for kind in (
        f"kind=moment&slug={FIRST['en']}",
        f"kind=session&moments={','.join(SESSION)}",
        "kind=prompts&stage=framing",
    ):
        for path, language in product(("/embed", "/embed/handout", "/embed/scorm.zip"), ("cy", "en")):
            yield f"{path}?{kind}&lang={language}&content={language}&release=1"
            yield f"{path}?{kind}&lang={language}&languages=both"


def _problem_seeds() -> Iterator[str]:
    second = SLUGS["moment.second"]["en"]
    for language in ("cy", "en"):
        yield f"/v1/nothing?lang={language}"
        yield f"/v1/moments?lang={language}&limit=0"
        yield f"/v1/moments/{SLUGS[WITHDRAWN][language]}?lang={language}"
        yield f"/embed/qr.svg?kind=session&moments={','.join(SESSION)}&lang={language}"
    for path in ("/v1/moments", "/embed/moments"):
        yield f"{path}/{second}?lang=cy"
        yield f"{path}/{SLUGS['moment.paned']['cy']}?lang=en&min_state=reviewed"
    yield f"/embed/prompts?lang=cy&collection={SMALL['en']}&stage=response"


def _private_seeds() -> Iterator[str]:
    public = {endpoint.rule for endpoint in V1}
    for template, method, _ in list_operations():
        if method != "get" or template in public or not template.startswith("/v1/"):
            continue
        path = template.replace("{unit}", "moment.first.title").replace("{resource}", "moment.first")
        if "{" not in path:
            yield from _seeds_of(path, template)
    for plural in PLURALS:
        yield f"/v1/{plural}?release=next&lang=cy&limit=1"
        yield f"/v1/bilingual/{plural}?release=next"


@pytest.fixture
def make_crawler(empty_database: Database, empty_url: str, make_app: Any) -> Any:
    """Return a function that makes a crawler for readers of a language."""
    load_longest_booklet(empty_database)

    def make(language: str, min_state: str, most: int, *, is_signed_in: bool = False) -> Crawler:
        app: Flask = make_app(empty_url, public_url=PUBLIC, min_state=min_state)
        client: FlaskClient = app.test_client()
        headers = {"Accept-Language": language}
        if is_signed_in:
            roles = tuple(Role)
            headers["Authorization"] = f"Bearer {create_tokens(empty_database, {'pawb': roles})['pawb']}"
        return Crawler(client, PUBLIC, headers, most)

    return make


def _assert_all_work(crawler: Crawler, least: int) -> None:
    assert not crawler.failures, f"{len(crawler.failures)} failures:\n" + "\n".join(crawler.failures[:40])
    assert len(crawler.answers) > least


@pytest.mark.parametrize(("language", "min_state"), [("cy", "translated"), ("en", "reviewed")])
def test_every_address_in_public_responses_works_and_keeps_the_language(
    make_crawler: Any, engine_name: str, language: str, min_state: str
) -> None:
    crawler = make_crawler(language, min_state, 1)
    crawler.crawl(["/", "/v1", *_public_seeds(engine_name)], _problem_seeds())
    _assert_all_work(crawler, 600)


def test_every_url_in_responses_to_requests_with_a_token_works(make_crawler: Any) -> None:
    crawler = make_crawler("cy", "translated", 1, is_signed_in=True)
    crawler.crawl(["/v1", *_private_seeds()])
    _assert_all_work(crawler, 200)


def test_every_parameter_has_values_to_try() -> None:
    untried = {
        parameter["name"]
        for path, method, _ in list_operations()
        if method == "get"
        for parameter in list_parameters(path, method)
        if parameter["in"] == "query" and not _values(path, parameter)
    }
    # The crawler finds cursors itself.
    assert untried == {"after"}


def test_every_list_is_a_seed_of_the_crawl() -> None:
    seeds = {find_path(seed.partition("?")[0]) for seed in (*_public_seeds(), *_private_seeds())}
    lists = {
        path
        for path, method, _ in list_operations()
        if method == "get" and "limit" in str(list_parameters(path, "get"))
    }
    assert lists <= seeds
