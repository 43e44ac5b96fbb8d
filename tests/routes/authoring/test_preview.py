"""``release=next``: the working copy as it would be, for those who work on it."""

from __future__ import annotations

from api.domain.kind import PLURALS
from tests.tools.actors import FIRST, People, assert_refused, codes, nothing_changes

SLUGS = {
    "collections": "small", "sections": "small-why", "categories": "care", "moments": "first",
    "ground-rules": "listen", "prompts": "begin", "guide": "meet",
}  # fmt: skip
# Every address of content: what takes ``release`` takes ``release=next``.
PATHS = [
    f"{middle}/{plural}{end}"
    for middle in ("", "/bilingual")
    for plural in PLURALS
    for end in ("", f"/{SLUGS[plural]}")
]


def test_every_address_of_content_is_previewed_with_a_token_only(people: People) -> None:
    people.deliver()
    with nothing_changes(people):
        for path in PATHS:
            lang = {} if path.startswith("/bilingual") else {"lang": "cy"}
            response = people.ask("twm", "GET", path, release="next", **lang)
            assert response.status_code == 200, path
            assert response.headers["Cache-Control"] == "no-store"
            assert "Authorization" in response.headers["Vary"]
            assert "ETag" not in response.headers
            for language in ("cy", "en"):
                query = {"release": "next", **(lang and {"lang": language})}
                headers = {"Accept-Language": language}
                refused = people.client.get("/v1" + path, query_string=query, headers=headers)
                assert_refused(refused, 401, "unauthenticated", language)


def test_a_preview_has_the_shape_of_what_is_public(people: People) -> None:
    public = people.public("/moments/second", lang="cy")
    people.deliver()
    preview = people.read("twm", "/moments/second", lang="cy", release="next")
    assert preview.keys() == public.keys()
    assert preview["title"] == public["title"]


def test_a_preview_shows_what_is_not_public_and_the_public_does_not(people: People) -> None:
    people.outdate()
    people.deliver()
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care"}
    people.ask(
        "eirlys",
        "POST",
        "/resources",
        new | {"texts": {"title": {"cy": "Un newydd", "en": "A new one"}, "body": {"cy": "Stori.", "en": "A story."}}},
    )
    people.change("moment.second", {"withdrawn": True})
    assert people.read("twm", "/moments/first", lang="cy", release="next")["title"] == "CY newydd 1"
    assert people.read("twm", "/moments/first", lang="en", release="next")["title"] == "EN anew 1"
    assert people.read("twm", "/moments/un-newydd", lang="en", release="next")["title"] == "A new one"
    assert people.ask("twm", "GET", "/moments/second", release="next", lang="cy").status_code == 410
    listed = people.read("twm", "/moments", lang="cy", release="next")
    assert [item["slug"] for item in listed["items"]] == ["first", "paned", "fourth", "fifth", "un-newydd"]
    assert people.public("/moments/first", lang="cy")["title"] == "CY first title"
    assert people.client.get("/v1/moments/un-newydd?lang=cy").status_code == 404
    assert people.public("/moments", lang="cy")["total"] == 5


def test_a_preview_of_what_has_gaps_says_so(people: People) -> None:
    people.outdate()
    people.act("twm", "target", {"text": "CY hanner", "state": "initial"}, "moment.second.title")
    shown = people.read("twm", "/moments/first", lang="cy", release="next")
    assert shown["translations"]["cy"]["outdated"] is True
    assert people.ask("twm", "GET", "/moments/second", lang="cy", release="next").status_code == 404
    assert people.read("twm", "/moments/second", lang="en", release="next")["title"] == "EN second title"


def test_a_preview_leaves_no_trace(people: People) -> None:
    people.outdate()
    people.deliver()
    people.change(FIRST, {"slugs": {"cy": "cyntaf-un"}})
    lines = len(people.audit(limit="100"))
    with nothing_changes(people):
        for path in PATHS[:4]:
            people.ask("twm", "GET", path, release="next", lang="cy")
    assert len(people.audit(limit="100")) == lines
    assert people.public("")["release"] == 1
    assert people.client.get("/v1/moments/cyntaf-un?lang=cy").status_code == 404
    assert people.publish().get_json()["number"] == 2


def test_pages_of_a_preview_stay_in_it(people: People) -> None:
    people.deliver()
    seen, query = [], {"lang": "cy", "release": "next", "limit": "2"}
    path = "/moments"
    for _ in range(9):
        page = people.read("twm", path, **query)
        seen += [item["slug"] for item in page["items"]]
        if page["links"]["next"] is None:
            break
        assert "release=next" in page["links"]["next"]
        path, query = page["links"]["next"].removeprefix("http://127.0.0.1:8000/v1"), {}
    assert seen == ["first", "second", "paned", "fourth", "fifth"]


def test_what_takes_no_release_takes_no_preview(people: People) -> None:
    for path in ("/moments/random", "/changes?since=0"):
        mark = "&" if "?" in path else "?"
        response = people.ask("twm", "GET", f"{path}{mark}release=next")
        assert codes(assert_refused(response, 400, "invalid-request")) == [("release", "unknown-parameter")]
