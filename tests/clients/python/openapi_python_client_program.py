"""openapi-python-client: list all moments in Welsh, handle a typed problem, and get a 304."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from generated.service_client import Client
from generated.service_client.api.content import get_moment, list_moments
from generated.service_client.models import Language, Moment, MomentField, MomentList, Problem
from generated.service_client.types import UNSET, Unset

client = Client(base_url=sys.argv[1])


def read_next_page(link: object) -> tuple[str | Unset, int | Unset]:
    """Return the cursor and the release of the next page."""
    query = parse_qs(urlsplit(link).query) if isinstance(link, str) else {}
    return query["after"][0] if query else UNSET, int(query["release"][0]) if query else UNSET


def list_whole_moments() -> list[Moment]:
    """List all moments, parsed by the client."""
    moments: list[Moment] = []
    after: str | Unset = UNSET
    release: int | Unset = UNSET
    while True:
        page = list_moments.sync(client=client, lang=Language.CY, limit=25, after=after, release=release)
        if not isinstance(page, MomentList):
            raise TypeError(page)
        moments += page.items
        after, release = read_next_page(page.links.next_)
        if after is UNSET:
            return moments


def list_titles() -> list[str]:
    """List the titles only.

    The generated parser requires every member, so that a response with ``fields`` is read as JSON.
    """
    titles: list[str] = []
    after: str | Unset = UNSET
    release: int | Unset = UNSET
    while True:
        request = list_moments._get_kwargs(
            lang=Language.CY, limit=25, fields=[MomentField.TITLE, MomentField.SLUG], after=after, release=release
        )
        response = client.get_httpx_client().request(**request)
        page: dict[str, Any] = response.raise_for_status().json()
        titles += [item["title"] for item in page["items"]]
        after, release = read_next_page(page["links"]["next"])
        if after is UNSET:
            return titles


titles = list_titles()
if [moment.title for moment in list_whole_moments()] != titles:
    raise SystemExit("the list with fields differs from the whole list")

missing = get_moment.sync("dim-byd", client=client, lang=Language.CY)
if not isinstance(missing, Problem):
    raise TypeError(missing)

first = get_moment.sync_detailed("chain-reaction", client=client, lang=Language.CY)
if not isinstance(first.parsed, Moment):
    raise TypeError(first.parsed)
again = get_moment.sync_detailed("chain-reaction", client=client, lang=Language.CY, if_none_match=first.headers["ETag"])

result = {
    "titles": titles,
    "problem": {"type": missing.type_, "status": missing.status, "language": missing.language},
    "served": first.parsed.language.served,
    "again": int(again.status_code),
}
print(json.dumps(result, ensure_ascii=False))
