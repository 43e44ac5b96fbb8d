"""datamodel-code-generator with httpx: list all moments in Welsh, handle a typed problem, and get a 304."""

from __future__ import annotations

import json
import sys

import httpx
from generated.models import Moment, MomentList, Problem, ResponseLinks, ServedLanguage
from pydantic import BaseModel


class Title(BaseModel):
    """The members of a moment that ``fields`` asks for; the model of a moment requires all."""

    title: str
    slug: str
    language: ServedLanguage


class TitleList(BaseModel):
    """A page of titles."""

    items: list[Title]
    links: ResponseLinks


client = httpx.Client(base_url=sys.argv[1])

titles: list[str] = []
whole: list[str | None] = []
link: str | None = "/v1/moments?lang=cy&limit=25&fields=title,slug"
while link:
    title_page = TitleList.model_validate_json(client.get(link).raise_for_status().content)
    titles += [item.title for item in title_page.items]
    link = str(title_page.links.next) if title_page.links.next else None
link = "/v1/moments?lang=cy&limit=25"
while link:
    page = MomentList.model_validate_json(client.get(link).raise_for_status().content)
    whole += [item.title for item in page.items]
    link = str(page.links.next) if page.links.next else None
if whole != titles:
    raise SystemExit("the list with fields differs from the whole list")

response = client.get("/v1/moments/dim-byd", params={"lang": "cy"})
problem = Problem.model_validate_json(response.content)

first = client.get("/v1/moments/chain-reaction", params={"lang": "cy"})
moment = Moment.model_validate_json(first.content)
again = client.get(
    "/v1/moments/chain-reaction", params={"lang": "cy"}, headers={"If-None-Match": first.headers["ETag"]}
)

result = {
    "titles": titles,
    "problem": {"type": str(problem.type), "status": problem.status, "language": problem.language},
    "served": moment.language.served,
    "again": again.status_code,
}
print(json.dumps(result, ensure_ascii=False))
