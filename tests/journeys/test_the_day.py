"""One day of work on one moment: from the editor's change to both languages live, and back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.tools.clients import Desk, json_of

MOMENT = "moment.chain-reaction"
UNIT = f"/units/{MOMENT}.title"
TARGET = f"{MOMENT}.title"
OLD = {"en": "Chain reaction", "cy": "Adwaith cadwynol"}
NEW = {"en": "Chain of reactions", "cy": "Cadwyn o adweithiau"}
# Where a reader meets the moment's title: alone and in lists, in one language or both.
PLACES = ("/moments/chain-reaction", "/moments/adwaith-cadwynol")


@pytest.fixture
def desk(make_app: MakeApp, loaded_url: str) -> Desk:
    return Desk.of(make_app(loaded_url))


def titles(desk: Desk, **query: str) -> dict[str, Any]:
    """The moment's titles as the public reads them, checked to be the same at every place that shows them."""
    found = []
    for path in PLACES:
        both = desk.public(f"/bilingual{path}", **query)
        assert both["number"] == 14
        assert both["translations"]["cy"]["outdated"] is False, "the public pair is current"
        found.append(both["title"])
        found.append({lang: desk.public(path, lang=lang, **query)["title"] for lang in ("en", "cy")})
    listed = desk.public("/bilingual/moments", number="14", **query)["items"]
    found.append(listed[0]["title"])
    found.append({x: desk.public("/moments", number="14", lang=x, **query)["items"][0]["title"] for x in ("en", "cy")})
    assert all(each == found[0] for each in found), found
    return found[0]


def test_a_day_takes_both_languages_of_a_changed_moment_live_together(desk: Desk) -> None:
    assert titles(desk) == OLD
    an_editor_changes_the_english(desk)
    the_queue_shows_what_changed(desk)
    a_release_is_refused_and_says_why(desk)
    assert titles(desk) == OLD, "readers still have the old pair"
    the_translator_delivers_and_another_person_approves(desk)
    assert titles(desk) == OLD, "readers still have the old pair"
    the_publisher_sees_and_releases(desk)
    assert titles(desk) == NEW, "both languages changed at once"
    assert titles(desk, release="2") == NEW
    assert titles(desk, release="1") == OLD, "the old pair is still there"
    the_changes_say_so(desk)
    a_revert_brings_the_old_pair_back(desk)


def an_editor_changes_the_english(desk: Desk) -> None:
    assert desk.read("twm", "/units", outdated="true")["items"] == []
    unit = json_of(desk.work("eirlys", "PUT", f"{UNIT}/source", {"text": NEW["en"], "comment": "More than one"}), 200)
    assert (unit["source"]["text"], unit["source"]["revision"]) == (NEW["en"], 2)
    assert unit["source"]["updated_by"] == "eirlys"


def the_queue_shows_what_changed(desk: Desk) -> None:
    queue = desk.read("twm", "/units", outdated="true", target="cy", counts="true")
    (item,) = queue["items"]
    assert item["id"] == TARGET
    assert (item["target"]["text"], item["target"]["outdated"]) == (OLD["cy"], True)
    assert item["source_changes"] == [
        {"op": "equal", "text": "Chain "},
        {"op": "delete", "text": "reaction"},
        {"op": "insert", "text": "of reactions"},
    ]
    assert (queue["counts"]["total"], queue["counts"]["outdated"]) == (1, 1)
    assert desk.read("twm", "/units", limit="1")["items"] == [item], "the next unit in one call"


def a_release_is_refused_and_says_why(desk: Desk) -> None:
    coming = desk.read("pedr", "/releases/next")
    blocker = {"resource": MOMENT, "gap": "outdated", "language": "cy", "units": [TARGET], "waivable": True}
    assert coming["blockers"] == [blocker]
    assert coming["resources"][0]["units"] == [{"id": TARGET, "texts": {"en": {"old": OLD["en"], "new": NEW["en"]}}}]
    refused = json_of(desk.ask("pedr", "POST", "/releases", {"note": "Titles"}, lang="cy"), 409)
    assert refused["type"].endswith("/problems/release-blocked")
    assert refused["language"] == "cy"
    assert refused["blockers"] == [blocker]
    assert desk.public("")["release"] == 1


def the_translator_delivers_and_another_person_approves(desk: Desk) -> None:
    unit = json_of(desk.work("twm", "PUT", f"{UNIT}/target", {"text": NEW["cy"]}), 200)
    assert unit["target"]["state"] == "translated"
    assert (unit["target"]["outdated"], unit["target"]["based_on"]) == (False, 2)
    # The booklet's Welsh was a machine's draft: a person has been over it now.
    assert unit["target"]["origin"] == "post-edited"
    own = json_of(desk.work("twm", "POST", f"{UNIT}/review", {"decision": "approve"}), 403)
    assert own["type"].endswith("/problems/own-revision")
    unit = json_of(desk.work("rhian", "POST", f"{UNIT}/review", {"decision": "approve"}), 200)
    assert (unit["target"]["state"], unit["target"]["updated_by"]) == ("reviewed", "twm")
    assert desk.read("twm", "/units", outdated="true")["items"] == []


def the_publisher_sees_and_releases(desk: Desk) -> None:
    response = desk.ask("pedr", "GET", "/releases/next")
    coming = json_of(response, 200)
    assert coming["blockers"] == []
    (unit,) = coming["resources"][0]["units"]
    assert unit["texts"] == {lang: {"old": OLD[lang], "new": NEW[lang]} for lang in OLD}
    for lang in OLD:
        assert desk.read("pedr", "/moments/chain-reaction", lang=lang, release="next")["title"] == NEW[lang]
    sent = {"note": "Titles", "resources": [MOMENT]}
    made = json_of(desk.ask("pedr", "POST", "/releases", sent, if_match=response.headers["ETag"], key="titles"), 201)
    assert made["number"] == 2
    assert [change["id"] for change in made["changes"]] == [MOMENT]
    again = desk.ask("pedr", "POST", "/releases", sent, if_match=response.headers["ETag"], key="titles")
    assert json_of(again, 201) == made
    assert desk.public("")["release"] == 2


def the_changes_say_so(desk: Desk) -> None:
    changes = desk.public("/changes", since="1", include="content")
    (change,) = changes["items"]
    assert (change["change"], change["id"], change["release"]) == ("published", MOMENT, 2)
    assert change["content"]["title"] == NEW
    assert desk.public("/changes", since=str(changes["release"]))["items"] == []
    for lang in OLD:
        moment = desk.public("/moments/chain-reaction", lang=lang)
        assert moment["release"] == 2, "both languages at the same release"
        assert moment["translations"]["cy"]["state"] == "translated", "its other texts are not reviewed yet"


def a_revert_brings_the_old_pair_back(desk: Desk) -> None:
    made = json_of(desk.ask("pedr", "POST", "/releases/1/revert", {"note": "Not yet"}), 201)
    assert (made["number"], made["reverts"]) == (3, 1)
    assert titles(desk) == OLD
    assert titles(desk, release="2") == NEW
    assert titles(desk, release="3") == OLD
    (change,) = desk.public("/changes", since="2")["items"]
    assert (change["id"], change["release"]) == (MOMENT, 3)
    unit = desk.read("twm", UNIT)
    assert (unit["source"]["text"], unit["target"]["text"]) == (NEW["en"], NEW["cy"]), "the working copy stays"
    lines = desk.read("ann", "/audit", limit="100")["items"]
    done = [(line["by"], line["act"]) for line in reversed(lines) if line["by"] in desk.secrets]
    assert done == [
        ("eirlys", "write"),
        ("twm", "write"),
        ("rhian", "approve"),
        ("pedr", "release"),
        ("pedr", "revert"),
    ]
    assert all(line["request_id"] for line in lines if line["by"] in desk.secrets)
