"""A working day on one moment: an editor's change, a release in both languages, and a revert."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeApp
from tests.tools.clients import Clients, json_of

MOMENT = "moment.chain-reaction"
UNIT = f"/units/{MOMENT}.title"
TARGET = f"{MOMENT}.title"
OLD = {"en": "Chain reaction", "cy": "Adwaith cadwynol"}
NEW = {"en": "Chain of reactions", "cy": "Cadwyn o adweithiau"}
# URLs of the moment, with the English and with the Welsh slug.
PATHS = ("/moments/chain-reaction", "/moments/adwaith-cadwynol")


@pytest.fixture
def clients(make_app: MakeApp, loaded_url: str) -> Clients:
    return Clients.of(make_app(loaded_url))


def titles(clients: Clients, **query: str) -> dict[str, Any]:
    """Return the public titles of the moment, after checking that every URL shows the same titles."""
    results = []
    for path in PATHS:
        bilingual = clients.read_public(f"/bilingual{path}", **query)
        assert bilingual["number"] == 14
        assert bilingual["translations"]["cy"]["outdated"] is False, "the public translation is current"
        results.append(bilingual["title"])
        results.append({lang: clients.read_public(path, lang=lang, **query)["title"] for lang in ("en", "cy")})
    listed = clients.read_public("/bilingual/moments", number="14", **query)["items"]
    results.append(listed[0]["title"])
    results.append(
        {x: clients.read_public("/moments", number="14", lang=x, **query)["items"][0]["title"] for x in ("en", "cy")}
    )
    assert all(result == results[0] for result in results), results
    return results[0]


def test_a_changed_moment_is_released_in_both_languages_together(clients: Clients) -> None:
    assert titles(clients) == OLD
    an_editor_changes_the_english(clients)
    the_queue_shows_the_change(clients)
    a_release_is_refused_with_the_reason(clients)
    assert titles(clients) == OLD, "readers still see the old titles"
    the_translator_delivers_and_another_person_approves(clients)
    assert titles(clients) == OLD, "readers still see the old titles"
    the_publisher_reads_the_pending_release_and_publishes_it(clients)
    assert titles(clients) == NEW, "both languages changed at once"
    assert titles(clients, release="2") == NEW
    assert titles(clients, release="1") == OLD, "the old release is unchanged"
    the_change_feed_lists_the_release(clients)
    a_revert_restores_the_old_texts(clients)


def an_editor_changes_the_english(clients: Clients) -> None:
    assert clients.read("twm", "/units", outdated="true")["items"] == []
    unit = json_of(
        clients.write("eirlys", "PUT", f"{UNIT}/source", {"text": NEW["en"], "comment": "More than one"}), 200
    )
    assert (unit["source"]["text"], unit["source"]["revision"]) == (NEW["en"], 2)
    assert unit["source"]["updated_by"] == "eirlys"


def the_queue_shows_the_change(clients: Clients) -> None:
    queue = clients.read("twm", "/units", outdated="true", target="cy", counts="true")
    (item,) = queue["items"]
    assert item["id"] == TARGET
    assert (item["target"]["text"], item["target"]["outdated"]) == (OLD["cy"], True)
    assert item["source_changes"] == [
        {"op": "equal", "text": "Chain "},
        {"op": "delete", "text": "reaction"},
        {"op": "insert", "text": "of reactions"},
    ]
    assert (queue["counts"]["total"], queue["counts"]["outdated"]) == (1, 1)
    assert clients.read("twm", "/units", limit="1")["items"] == [item], "the next unit in one call"


def a_release_is_refused_with_the_reason(clients: Clients) -> None:
    pending = clients.read("pedr", "/releases/next")
    blocker = {"resource": MOMENT, "gap": "outdated", "language": "cy", "units": [TARGET], "waivable": True}
    assert pending["blockers"] == [blocker]
    assert pending["resources"][0]["units"] == [{"id": TARGET, "texts": {"en": {"old": OLD["en"], "new": NEW["en"]}}}]
    refused = json_of(clients.request("pedr", "POST", "/releases", {"note": "Titles"}, lang="cy"), 409)
    assert refused["type"].endswith("/problems/release-blocked")
    assert refused["language"] == "cy"
    assert refused["blockers"] == [blocker]
    assert clients.read_public("")["release"] == 1


def the_translator_delivers_and_another_person_approves(clients: Clients) -> None:
    unit = json_of(clients.write("twm", "PUT", f"{UNIT}/target", {"text": NEW["cy"]}), 200)
    assert unit["target"]["state"] == "translated"
    assert (unit["target"]["outdated"], unit["target"]["based_on"]) == (False, 2)
    # The old Welsh text was a machine translation, which a person has now edited.
    assert unit["target"]["origin"] == "post-edited"
    own = json_of(clients.write("twm", "POST", f"{UNIT}/review", {"decision": "approve"}), 403)
    assert own["type"].endswith("/problems/own-revision")
    unit = json_of(clients.write("rhian", "POST", f"{UNIT}/review", {"decision": "approve"}), 200)
    assert (unit["target"]["state"], unit["target"]["updated_by"]) == ("reviewed", "twm")
    assert clients.read("twm", "/units", outdated="true")["items"] == []


def the_publisher_reads_the_pending_release_and_publishes_it(clients: Clients) -> None:
    response = clients.request("pedr", "GET", "/releases/next")
    pending = json_of(response, 200)
    assert pending["blockers"] == []
    (unit,) = pending["resources"][0]["units"]
    assert unit["texts"] == {lang: {"old": OLD[lang], "new": NEW[lang]} for lang in OLD}
    for lang in OLD:
        assert clients.read("pedr", "/moments/chain-reaction", lang=lang, release="next")["title"] == NEW[lang]
    sent = {"note": "Titles", "resources": [MOMENT]}
    published = json_of(
        clients.request("pedr", "POST", "/releases", sent, if_match=response.headers["ETag"], key="titles"), 201
    )
    assert published["number"] == 2
    assert [change["id"] for change in published["changes"]] == [MOMENT]
    again = clients.request("pedr", "POST", "/releases", sent, if_match=response.headers["ETag"], key="titles")
    assert json_of(again, 201) == published
    assert clients.read_public("")["release"] == 2


def the_change_feed_lists_the_release(clients: Clients) -> None:
    changes = clients.read_public("/changes", since="1", include="content")
    (change,) = changes["items"]
    assert (change["change"], change["id"], change["release"]) == ("published", MOMENT, 2)
    assert change["content"]["title"] == NEW
    assert clients.read_public("/changes", since=str(changes["release"]))["items"] == []
    for lang in OLD:
        moment = clients.read_public("/moments/chain-reaction", lang=lang)
        assert moment["release"] == 2, "both languages at the same release"
        assert moment["translations"]["cy"]["state"] == "translated", "its other texts are not reviewed yet"


def a_revert_restores_the_old_texts(clients: Clients) -> None:
    published = json_of(clients.request("pedr", "POST", "/releases/1/revert", {"note": "Not yet"}), 201)
    assert (published["number"], published["reverts"]) == (3, 1)
    assert titles(clients) == OLD
    assert titles(clients, release="2") == NEW
    assert titles(clients, release="3") == OLD
    (change,) = clients.read_public("/changes", since="2")["items"]
    assert (change["id"], change["release"]) == (MOMENT, 3)
    unit = clients.read("twm", UNIT)
    assert (unit["source"]["text"], unit["target"]["text"]) == (NEW["en"], NEW["cy"]), "the working copy stays"
    entries = clients.read("ann", "/audit", limit="100")["items"]
    actions = [(entry["by"], entry["act"]) for entry in reversed(entries) if entry["by"] in clients.secrets]
    assert actions == [
        ("eirlys", "write"),
        ("twm", "write"),
        ("rhian", "approve"),
        ("pedr", "release"),
        ("pedr", "revert"),
    ]
    assert all(entry["request_id"] for entry in entries if entry["by"] in clients.secrets)
