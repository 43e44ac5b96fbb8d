"""Previews: ``release=next`` returns the working copy as if it were released, to anyone with a token."""

from __future__ import annotations

from api.domain.kind import PLURALS
from tests.tools.actors import FIRST, Actors, assert_refused, issue_codes, nothing_changes

SLUGS = {
    "collections": "small", "sections": "small-why", "categories": "care", "moments": "first",
    "ground-rules": "listen", "prompts": "begin", "guide": "meet",
}  # fmt: skip
# Every content URL. All URLs that accept ``release`` also accept ``release=next``.
PATHS = [
    f"{middle}/{plural}{end}"
    for middle in ("", "/bilingual")
    for plural in PLURALS
    for end in ("", f"/{SLUGS[plural]}")
]


def test_every_content_url_has_a_preview_that_requires_a_token(actors: Actors) -> None:
    actors.deliver()
    with nothing_changes(actors):
        for path in PATHS:
            lang = {} if path.startswith("/bilingual") else {"lang": "cy"}
            response = actors.request("twm", "GET", path, release="next", **lang)
            assert response.status_code == 200, path
            assert response.headers["Cache-Control"] == "no-store"
            assert "Authorization" in response.headers["Vary"]
            assert "ETag" not in response.headers
            for language in ("cy", "en"):
                query = {"release": "next", **(lang and {"lang": language})}
                headers = {"Accept-Language": language}
                refused = actors.client.get("/v1" + path, query_string=query, headers=headers)
                assert_refused(refused, 401, "unauthenticated", language)


def test_a_preview_has_the_same_members_as_the_public_response(actors: Actors) -> None:
    public = actors.read_public("/moments/second", lang="cy")
    actors.deliver()
    preview = actors.read("twm", "/moments/second", lang="cy", release="next")
    assert preview.keys() == public.keys()
    assert preview["title"] == public["title"]


def test_a_preview_shows_unreleased_changes_and_the_public_api_does_not(actors: Actors) -> None:
    actors.outdate()
    actors.deliver()
    new = {"kind": "moment", "source_language": "cy", "collection": "small", "category": "care"}
    actors.request(
        "eirlys",
        "POST",
        "/resources",
        new | {"texts": {"title": {"cy": "Un newydd", "en": "A new one"}, "body": {"cy": "Stori.", "en": "A story."}}},
    )
    actors.change_resource("moment.second", {"withdrawn": True})
    assert actors.read("twm", "/moments/first", lang="cy", release="next")["title"] == "CY newydd 1"
    assert actors.read("twm", "/moments/first", lang="en", release="next")["title"] == "EN changed 1"
    assert actors.read("twm", "/moments/un-newydd", lang="en", release="next")["title"] == "A new one"
    assert actors.request("twm", "GET", "/moments/second", release="next", lang="cy").status_code == 410
    listed = actors.read("twm", "/moments", lang="cy", release="next")
    assert [item["slug"] for item in listed["items"]] == ["first", "paned", "fourth", "fifth", "un-newydd"]
    assert actors.read_public("/moments/first", lang="cy")["title"] == "CY first title"
    assert actors.client.get("/v1/moments/un-newydd?lang=cy").status_code == 404
    assert actors.read_public("/moments", lang="cy")["total"] == 5


def test_a_preview_marks_gaps(actors: Actors) -> None:
    actors.outdate()
    actors.act("twm", "target", {"text": "CY hanner", "state": "initial"}, "moment.second.title")
    response = actors.read("twm", "/moments/first", lang="cy", release="next")
    assert response["translations"]["cy"]["outdated"] is True
    assert actors.request("twm", "GET", "/moments/second", lang="cy", release="next").status_code == 404
    assert actors.read("twm", "/moments/second", lang="en", release="next")["title"] == "EN second title"


def test_a_preview_changes_nothing_in_the_database(actors: Actors) -> None:
    actors.outdate()
    actors.deliver()
    actors.change_resource(FIRST, {"slugs": {"cy": "cyntaf-un"}})
    lines = len(actors.audit(limit="100"))
    with nothing_changes(actors):
        for path in PATHS[:4]:
            actors.request("twm", "GET", path, release="next", lang="cy")
    assert len(actors.audit(limit="100")) == lines
    assert actors.read_public("")["release"] == 1
    assert actors.client.get("/v1/moments/cyntaf-un?lang=cy").status_code == 404
    assert actors.publish().get_json()["number"] == 2


def test_the_next_page_of_a_preview_is_a_preview(actors: Actors) -> None:
    actors.deliver()
    seen, query = [], {"lang": "cy", "release": "next", "limit": "2"}
    path = "/moments"
    for _ in range(9):
        page = actors.read("twm", path, **query)
        seen += [item["slug"] for item in page["items"]]
        if page["links"]["next"] is None:
            break
        assert "release=next" in page["links"]["next"]
        path, query = page["links"]["next"].removeprefix("http://127.0.0.1:8000/v1"), {}
    assert seen == ["first", "second", "paned", "fourth", "fifth"]


def test_urls_without_a_release_parameter_have_no_preview(actors: Actors) -> None:
    for path in ("/moments/random", "/changes?since=0"):
        mark = "&" if "?" in path else "?"
        response = actors.request("twm", "GET", f"{path}{mark}release=next")
        assert issue_codes(assert_refused(response, 400, "invalid-request")) == [("release", "unknown-parameter")]
