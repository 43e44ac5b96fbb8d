"""Filters with several values: every list, both databases, and one form in links, cursors and cache keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from api.domain.kind import PLURALS
from api.domain.language import Language
from api.edge.cache_key import read_cache_key
from api.schemas.list_fields import LIST_PARAMETERS, MAX_VALUES
from tests.tools.endpoints import LISTS, Endpoint, assert_parameter_error, for_endpoints
from tests.tools.openapi import list_operations, list_parameters, resolve

CATEGORIES = ("better-outcomes", "education-and-training", "research")


def _get(client: FlaskClient, url: str) -> Any:
    response = client.get(url)
    assert response.status_code == 200, (url, response.text)
    return response.get_json()


def _read_all(client: FlaskClient, url: str) -> list[Any]:
    """Return the items of all pages."""
    items: list[Any] = []
    path: str | None = url
    while path:
        body = _get(client, path)
        items += body["items"]
        following = body["links"]["next"]
        path = f"/v1{following.partition('/v1')[2]}" if following else None
    assert body["total"] == len(items)
    return items


def _list_filters(endpoint: Endpoint) -> Iterator[tuple[str, tuple[str, ...]]]:
    kind = PLURALS[endpoint.plural]
    if kind.has_category:
        yield "category", CATEGORIES
    if kind.facet:
        yield kind.facet, kind.facet_values


def _rules(endpoint: Endpoint) -> tuple[str, ...]:
    if endpoint.is_bilingual:
        return ("min_state=reviewed&release=1",)
    return ("lang=cy", "lang=cy&fallback=allow&min_state=reviewed", "lang=cy&min_state=reviewed&release=1")


def _ids(items: list[Any]) -> list[str]:
    return [item["id"] for item in items]


@for_endpoints(LISTS)
def test_a_filter_with_several_values_returns_all_matching_resources_in_list_order(
    client: FlaskClient, endpoint: Endpoint
) -> None:
    for rule in _rules(endpoint):
        whole = _ids(_read_all(client, endpoint.url(rule)))
        for name, values in _list_filters(endpoint):
            expected: set[str] = set()
            omitted = 0
            for count, value in enumerate(values, start=1):
                single = _get(client, endpoint.url(rule, f"{name}={value}", "limit=100"))
                expected |= set(_ids(single["items"]))
                omitted += single["omitted"]
                url = endpoint.url(rule, f"{name}={','.join(values[:count])}", "limit=7")
                assert _ids(_read_all(client, url)) == [item for item in whole if item in expected], url
                assert _get(client, url)["omitted"] == omitted


@for_endpoints(LISTS)
def test_a_list_of_ids_returns_these_resources_in_list_order(client: FlaskClient, endpoint: Endpoint) -> None:
    for rule in _rules(endpoint):
        whole = _ids(_read_all(client, endpoint.url(rule)))
        for ids in (whole[:1], whole[::2]):
            if ids:
                chosen = f"id={','.join(reversed(ids))}"
                assert _ids(_read_all(client, endpoint.url(rule, chosen, "limit=9"))) == ids
    everything = _ids(_read_all(client, endpoint.url("min_state=translated")))
    strict = _get(client, endpoint.url("min_state=reviewed", "lang=cy" if not endpoint.is_bilingual else "",
                                       f"id={','.join(everything)}"))  # fmt: skip
    assert strict["total"] + strict["omitted"] == len(everything)


@for_endpoints(LISTS)
def test_ids_that_were_never_public_are_named_in_the_errors(client: FlaskClient, endpoint: Endpoint) -> None:
    known = _get(client, endpoint.url("limit=1"))["items"][0]["id"]
    other_kind = "moment.chain-reaction" if endpoint.plural != "moments" else "prompt.some-worry-me"
    problem = client.get(endpoint.url(f"id={known},{other_kind},nothing,x.y", "lang=en" * (not endpoint.is_bilingual)))
    assert_parameter_error(problem, "id")
    details = [error["detail"] for error in problem.get_json()["errors"]]
    assert len(details) == 3
    assert all(value in text for value, text in zip(sorted([other_kind, "nothing", "x.y"]), details, strict=True))


def test_every_unknown_value_is_named_in_the_errors(client: FlaskClient) -> None:
    for url, parameter in (
        ("/v1/moments?lang=en&category=research,no-such,zz", "category"),
        ("/v1/prompts?lang=en&stage=zz,no-such&stage=after", "stage"),
        ("/v1/bilingual/guide?part=step,no-such,zz", "part"),
        ("/v1/search?lang=en&q=plant&kind=moment,zz&kind=no-such", "kind"),
    ):
        problem = client.get(url, headers={"Accept-Language": "en"})
        assert_parameter_error(problem, parameter)
        details = [error["detail"] for error in problem.get_json()["errors"]]
        assert ["no-such" in details[0], "zz" in details[1], len(details)] == [True, True, 2]


def test_too_many_values_are_refused(client: FlaskClient) -> None:
    ids = ",".join(f"moment.x{number}" for number in range(MAX_VALUES + 1))
    problem = client.get(f"/v1/moments?lang=en&id={ids}")
    assert str(MAX_VALUES) in assert_parameter_error(problem, "id")["detail"]
    # A cached response to one value must not answer a request that repeats it too often.
    assert client.get("/v1/moments?lang=en&category=research").status_code == 200
    repeated = ",".join(["research"] * (MAX_VALUES + 1))
    assert_parameter_error(client.get(f"/v1/moments?lang=en&category={repeated}"), "category")
    longest = ",".join(f"moment.{number:x>93}" for number in range(MAX_VALUES))
    errors = client.get(f"/v1/moments?lang=en&id={longest}").get_json()["errors"]
    assert {error["code"] for error in errors} == {"unknown-value"}


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("/v1/moments?lang=cy&limit=5", "category", CATEGORIES),
        ("/v1/bilingual/moments?limit=5&sort=title&lang=en", "category", CATEGORIES),
        ("/v1/prompts?lang=cy&limit=2", "stage", ("after", "framing", "response")),
        ("/v1/guide?lang=en&fallback=allow&limit=2", "part", ("key-word", "requirement", "step")),
        ("/v1/moments?lang=en&limit=1", "id", ("moment.being-heard", "moment.by-your-side", "moment.chain-reaction")),
        ("/v1/moments?lang=cy&q=plant&limit=1", "category", CATEGORIES),
        ("/v1/search?q=eiliad&lang=cy&limit=2", "kind", ("guide", "moment", "section")),
        ("/v1/moments?lang=cy&limit=5", "fields", ("number", "slug", "title")),
    ],
)
def test_the_order_and_form_of_the_values_do_not_change_the_response(
    client: FlaskClient, path: str, name: str, values: tuple[str, ...]
) -> None:
    canonical = client.get(f"{path}&{name}={','.join(values)}")
    link = canonical.get_json()["links"]["next"]
    assert parse_qs(urlsplit(link).query)[name] == [",".join(values)]
    for order in permutations(values):
        forms = (
            ",".join(order),
            ", ".join((*order, order[0])),
            f"&{name}=".join(order),
            f"{order[0]},,{','.join(order)},",
        )
        for form in forms:
            response = client.get(f"{path}&{name}={form}")
            assert response.data == canonical.data, form
            assert response.headers["ETag"] == canonical.headers["ETag"]
    following = client.get(f"/v1{link.partition('/v1')[2]}")
    assert following.status_code == 200
    mixed = f"{path}&{name}={','.join(reversed(values))}&after={parse_qs(urlsplit(link).query)['after'][0]}"
    assert _ids(_get(client, mixed)["items"]) == _ids(following.get_json()["items"])


def test_a_cursor_from_a_list_with_other_values_is_refused(client: FlaskClient) -> None:
    link = _get(client, "/v1/moments?lang=cy&category=research,better-outcomes&limit=1")["links"]["next"]
    after = parse_qs(urlsplit(link).query)["after"][0]
    assert_parameter_error(client.get(f"/v1/moments?lang=cy&category=research&after={after}"), "after", "cy")


def test_filtering_by_both_slugs_of_a_category_is_like_filtering_by_one(client: FlaskClient) -> None:
    slugs = _get(client, "/v1/categories/research?lang=en")["slugs"]
    single = _get(client, "/v1/moments?lang=en&category=research")
    both = _get(client, f"/v1/moments?lang=en&category={slugs['cy']},{slugs['en']}")
    assert (both["items"], both["total"]) == (single["items"], single["total"])


def test_a_random_moment_has_one_of_the_categories_or_ids(client: FlaskClient) -> None:
    categories, ids = set(), set()
    for seed in range(30):
        moment = _get(client, f"/v1/moments/random?lang=en&seed={seed}&category={','.join(CATEGORIES[1:])}")
        categories.add(moment["category"]["slug"])
        chosen = "id=moment.chain-reaction,moment.being-heard"
        ids.add(_get(client, f"/v1/moments/random?lang=cy&seed={seed}&{chosen}")["id"])
    assert categories == set(CATEGORIES[1:])
    assert ids == {"moment.chain-reaction", "moment.being-heard"}


def test_a_search_finds_several_kinds_and_categories(client: FlaskClient) -> None:
    url = "/v1/search?q=eiliad&lang=cy&limit=100"
    everything = _get(client, url)["items"]
    kinds = {"moment", "section"}
    assert {item["kind"] for item in everything} > kinds
    assert _get(client, f"{url}&kind=section,moment")["items"] == [i for i in everything if i["kind"] in kinds]
    gwaith = url.replace("eiliad", "gwaith")
    single = [_get(client, f"{gwaith}&category={category}")["total"] for category in CATEGORIES]
    assert _get(client, f"{gwaith}&category={','.join(CATEGORIES)}")["total"] == sum(single) > max(single)


def test_the_cache_key_sorts_the_values_of_exactly_the_parameters_with_several_values() -> None:
    several: dict[str, set[bool]] = {}
    for path, method, operation in list_operations():
        if path.startswith("/v1") and method == "get" and operation["security"] == []:
            for parameter in list_parameters(path, method):
                if parameter["in"] == "query":
                    is_list = resolve(parameter["schema"]).get("type") == "array"
                    several.setdefault(parameter["name"], set()).add(is_list)
    assert all(len(answers) == 1 for answers in several.values()), several
    assert {name for name, answers in several.items() if answers == {True}} == LIST_PARAMETERS


@pytest.mark.parametrize(
    ("path", "first", "second", "is_same"),
    [
        ("/v1/moments", "category=b,a", "category=a&category=b", True),
        ("/v1/moments", "category=b,a,b&lang=cy", "lang=cy&category=a%2Cb", True),
        ("/v1/bilingual/prompts", "id=b&id=a", "id=a,b", True),
        ("/v1/moments", "category=a,b", "category=a", False),
        ("/embed/session", "moments=b,a", "moments=a,b", False),
        ("/embed", "kind=a,a", "kind=a", False),
    ],
)
def test_requests_with_the_same_values_share_a_cache_key(path: str, first: str, second: str, is_same: bool) -> None:
    keys = [
        read_cache_key({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}, Language.CY)
        for query in (first, second)
    ]
    assert None not in keys
    assert (keys[0] == keys[1]) is is_same


def test_a_query_with_repeated_parameters_has_a_cache_key_only_if_they_are_lists() -> None:
    for path, query in (("/embed", "kind=a&kind=b"), ("/v1/moments", "q=a&q=b")):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
        assert read_cache_key(environ, Language.CY) is None
