"""Emoji of several characters and stars, from every place where texts come in to every place where texts go out."""

from __future__ import annotations

import io
import json
import zipfile
from html import unescape
from typing import Any

from tests.domain.test_emoji import MALFORMED, SEQUENCES
from tests.pages.parsed_page import ParsedPage
from tests.tools.actors import BODY, TITLE, Actors, assert_refused, issue_codes

ALL = " ".join(SEQUENCES.values())
LONG = "".join(SEQUENCES[name] for name in ("a family", "the flag of Wales", "a couple with skin tones")) * 20
BULLETS = "* llaeth\n* *dau* beint\n\n5 * 3 yw 5\\*3, *️⃣ a £5*"
BULLETS_HTML = "<p>* llaeth<br>* <em>dau</em> beint</p><p>5 * 3 yw 5*3, *️⃣ a £5*</p>"
BULLETS_PLAIN = "* llaeth\n* dau beint\n\n5 * 3 yw 5*3, *️⃣ a £5*"


def publish_texts(actors: Actors, **texts: str) -> None:
    """Replace the Welsh texts of the first moment, and make a release."""
    for field, text in texts.items():
        actors.act("twm", "target", {"text": text}, f"moment.first.{field}")
    assert actors.publish().status_code == 201


def test_emoji_are_accepted_everywhere_and_come_back_unchanged(actors: Actors) -> None:
    # The domain's tests try each emoji by itself.
    emoji = ALL
    changed = actors.act("twm", "target", {"text": f"Teitl {emoji}", "comment": f"da {emoji}"})
    assert changed["target"]["text"] == f"Teitl {emoji}"
    assert actors.history()[-1]["comment"] == f"da {emoji}"
    assert actors.act("eirlys", "source", {"text": f"Title {emoji}"})["source"]["text"] == f"Title {emoji}"
    actors.act("twm", "confirm", {})
    returned = actors.act("rhian", "review", {"decision": "return", "comment": f"na {emoji}"})
    assert returned["target"]["returned"]["comment"] == f"na {emoji}"
    actors.act("twm", "target", {"text": f"Teitl arall {emoji}"})
    created = actors.request(
        "eirlys", "POST", "/resources",
        {"kind": "prompt", "source_language": "cy", "collection": "small", "stage": "after",
         "texts": {"text": {"cy": f"Beth {emoji}?", "en": f"What {emoji}?"}}},
    )  # fmt: skip
    assert created.status_code == 201, created.text
    assert actors.publish(note=f"rhyddhau {emoji}").status_code == 201
    assert actors.read_public("/releases/2")["note"] == f"rhyddhau {emoji}"
    assert actors.read_public("/moments/first", lang="cy")["title"] == f"Teitl arall {emoji}"
    token = actors.request("ann", "POST", "/tokens", {"name": f"Twm {emoji}", "roles": ["translator"]})
    assert token.status_code == 201, token.text
    assert actors.client.get("/v1/moments/random", query_string={"seed": emoji}).status_code == 200
    for path in ("/moments", "/search", "/units"):
        assert actors.request("ann", "GET", path, q=f"teitl {emoji}").status_code == 200


def test_an_incomplete_emoji_sequence_is_refused_in_texts_comments_notes_and_names(actors: Actors) -> None:
    text = f"Mae hyn yn destun hir {MALFORMED['a joiner at the end']} iawn."
    bodies: list[tuple[str, str, str, dict[str, Any]]] = [
        ("twm", "PUT", f"/units/{TITLE}/target", {"text": text}),
        ("twm", "PUT", f"/units/{TITLE}/target", {"text": "CY", "comment": text}),
        ("pedr", "POST", "/releases", {"note": text}),
        ("ann", "POST", "/tokens", {"name": text, "roles": ["translator"]}),
    ]
    for actor, method, path, body in bodies:
        response = actors.request(actor, method, path, body, if_match="*", lang="cy")
        problem = assert_refused(response, 400, "invalid-request", "cy")
        assert [code for _, code in issue_codes(problem)] == ["invisible-character"]


def test_the_changes_of_a_source_text_contain_only_whole_emoji(actors: Actors) -> None:
    family, couple = SEQUENCES["a family"], SEQUENCES["a couple with skin tones"]
    actors.act("eirlys", "source", {"text": f"A {family} at 1\ufe0f\u20e3"})
    actors.act("twm", "target", {"text": "CY newydd"})
    changes = actors.act("eirlys", "source", {"text": f"A {couple} at 2\ufe0f\u20e3"})["source_changes"]
    assert [(change["op"], change["text"]) for change in changes] == [
        ("equal", "A "), ("delete", family), ("insert", couple),
        ("equal", " at "), ("delete", "1\ufe0f\u20e3"), ("insert", "2\ufe0f\u20e3"),
    ]  # fmt: skip


def test_no_page_cuts_an_emoji(actors: Actors) -> None:
    publish_texts(actors, title=LONG, body=f"cathod 1\ufe0f\u20e3 1 {LONG}{LONG} {ALL}")
    pieces = list(SEQUENCES.values())
    hits = actors.read_public("/search", q="cathod 1", lang="cy")["items"]
    (hit,) = [hit for hit in hits if hit["id"] == "moment.first"]
    text = hit["snippet"]["text"]
    assert_whole(text, pieces)
    assert [text[start:end] for start, end in hit["snippet"]["marks"]] == ["cathod", "1"]
    query = {"kind": "moment", "slug": "first", "lang": "cy"}
    package = actors.client.get("/embed/scorm.zip", query_string=query).data
    manifest = zipfile.ZipFile(io.BytesIO(package)).read("imsmanifest.xml").decode()
    assert_whole(unescape(manifest.partition("<title>")[2].partition("</title>")[0]), pieces)
    builder = ParsedPage(actors.client.get("/embed", query_string={**query, "content": "cy"}))
    for option in builder.texts("//option"):
        assert_whole(option, pieces)
    problem = actors.client.get("/v1/moments", query_string={"lang": "cy", "category": LONG})
    assert_whole(problem.get_json()["errors"][0]["detail"], pieces)


def assert_whole(text: str, pieces: list[str]) -> None:
    """Assert that no part of an emoji is left after all whole emoji are removed."""
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, "")
    assert not [c for c in text if c in "\u200d\ufe0f\ufe0e\u20e3\ufffd" or c > "\U0001f000"], ascii(text)


def test_stars_and_emphasis_are_the_same_in_every_output(actors: Actors) -> None:
    publish_texts(actors, title="Seren * a *phwyslais*", body=BULLETS)
    assert actors.unit(BODY)["target"]["text"] == BULLETS
    moment = actors.read_public("/moments/first", lang="cy")
    assert moment["title"] == "Seren * a phwyslais"
    assert (moment["body"], moment["body_html"]) == (BULLETS_PLAIN, BULLETS_HTML)
    both = actors.read_public("/bilingual/moments/first")
    assert (both["body"]["cy"], both["body_html"]["cy"]) == (BULLETS_PLAIN, BULLETS_HTML)
    hit = actors.read_public("/search", q="llaeth", lang="cy")["items"][0]
    assert hit["snippet"]["text"] == " ".join(BULLETS_PLAIN.split())
    query = {"kind": "moment", "slug": "first", "lang": "cy"}
    page = actors.client.get("/embed/moments/first?lang=cy").text
    assert BULLETS_HTML in page
    data = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert json.loads(data)["text"] == BULLETS_PLAIN
    assert BULLETS_HTML in actors.client.get("/embed/handout", query_string=query).text
    package = zipfile.ZipFile(io.BytesIO(actors.client.get("/embed/scorm.zip", query_string=query).data))
    assert BULLETS_HTML in package.read("cy.html").decode()
    url = moment["links"]["self"]
    assert actors.client.get("/v1/oembed", query_string={"url": url}).get_json()["title"] == "Seren * a phwyslais"
