"""Sixteen people do the same thing at the same moment, against two server processes on one database."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from api.db.database import Database
from tests.conftest import ENGINES, Template, make_settings
from tests.tools.booklets import copy_database
from tests.tools.clients import create_tokens
from tests.tools.servers import Answer, Server, at_once, held_by, serve, wait_until

CLIENTS = 16
UNIT = "/v1/units/moment.chain-reaction.title"


@pytest.fixture(
    scope="session", params=[pytest.param(name, marks=pytest.mark.xdist_group(f"races-{name}")) for name in ENGINES]
)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn, on one worker: the servers are started once."""
    return str(request.param)


@dataclass(frozen=True)
class Arena:
    """Two servers, their database, and everybody's token."""

    servers: list[Server]
    database: Database
    secrets: dict[str, str]
    hold: Path

    def ask(self, who: str, method: str, path: str, body: Any = None, *, server: int = 0, **headers: str) -> Answer:
        return self.servers[server % 2].ask(method, path, self.secrets[who], body, **headers)

    def ask_again(self, who: str, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """The answer once the service no longer says to come again later (503 with Retry-After)."""
        for _ in range(20):
            answer = self.ask(who, method, path, body, **more)
            if answer.status != 503:
                break
            assert int(answer.headers["retry-after"]) > 0
            time.sleep(0.1)
        return answer

    def etag(self, path: str, who: str = "rhian") -> str:
        return self.ask(who, "GET", path).headers["etag"]

    def race(self, who: str, method: str, path: str, body: Callable[[int], Any], **headers: str) -> list[Answer]:
        """The answers to sixteen requests begun at once; the first to come so far is held until all have begun."""
        self.ask(who, "GET", "/v1/releases/next")  # its token's last use is written before, not in between

        def one(number: int) -> Answer:
            return self.ask_again(who, method, path, body(number), server=number, **headers)

        self.hold.touch()
        Thread(target=self._let_go, daemon=True).start()
        return at_once([lambda number=number: one(number) for number in range(CLIENTS)])

    def _let_go(self) -> None:
        try:
            wait_until(lambda: held_by(self.hold), 10)
            time.sleep(0.3)
        finally:
            self.hold.unlink()

    def count(self, query: str, **data: object) -> int:
        with self.database.reading() as session:
            return session.scalar(text(f"SELECT count(*) FROM {query}"), data) or 0


@pytest.fixture(scope="module")
def arena(loaded_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("races")
    hold = folder / "hold"
    with copy_database(loaded_template, folder) as url, serve(url, hold, blocking_threads=8) as servers:
        database = Database(make_settings(url))
        yield Arena(servers, database, create_tokens(database), hold)
        database.close()


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_of_sixteen_writers_of_a_text_one_wins_and_nobodys_work_is_overwritten(arena: Arena) -> None:
    before = arena.ask("twm", "GET", UNIT).json["target"]["revision"]
    sent = [f"Adwaith {number}" for number in range(CLIENTS)]
    answers = arena.race("twm", "PUT", f"{UNIT}/target", lambda n: {"text": sent[n]}, If_Match=arena.etag(UNIT))
    assert statuses(answers) == {200: 1, 412: CLIENTS - 1}
    (won,) = [answer for answer in answers if answer.status == 200]
    target = arena.ask("twm", "GET", UNIT).json["target"]
    assert (target["text"], target["revision"]) == (won.json["target"]["text"], before + 1)
    for lost in answers:
        if lost is not won:
            assert lost.json["current"]["target"]["text"] == target["text"], "who lost is shown what stands"
            assert lost.json["etag"] == lost.headers["etag"] == won.headers["etag"]
    written = "revision JOIN unit ON unit.id = unit_id WHERE text LIKE 'Adwaith %' AND number > :before"
    assert arena.count(written, before=before) == 1
    assert arena.count("audit WHERE subject = :unit AND act = 'write'", unit=UNIT.removeprefix("/v1/units/")) == 1


def test_of_sixteen_reviews_of_a_text_one_counts(arena: Arena) -> None:
    unit = "/v1/units/moment.chain-reaction.body"
    etag = arena.etag(unit)
    decisions = [{"decision": "approve"}, {"decision": "return", "comment": "Say it more plainly."}]
    answers = arena.race("rhian", "POST", f"{unit}/review", lambda n: decisions[n % 2], If_Match=etag)
    assert statuses(answers) == {200: 1, 412: CLIENTS - 1}
    about = "JOIN revision ON revision.id = revision_id JOIN unit ON unit.id = unit_id"
    assert arena.count(f"review {about} WHERE unit.id = :unit", unit=int(etag.split("-")[1])) == 1
    assert (
        arena.count("audit WHERE subject = :u AND act IN ('approve', 'return')", u=unit.removeprefix("/v1/units/")) == 1
    )


def test_of_sixteen_releases_of_the_same_work_one_is_made(arena: Arena) -> None:
    make_something_to_release(arena)
    before = arena.count("release")
    answers = arena.race("pedr", "POST", "/v1/releases", lambda n: {"note": f"Release {n}", "ready": True})
    assert statuses(answers) == {201: 1, 409: CLIENTS - 1}
    assert all(a.json["type"].endswith("/nothing-to-release") for a in answers if a.status == 409)
    assert arena.count("release") == before + 1
    assert arena.count("audit WHERE act = 'release' AND subject = :s", s=f"release.{before + 1}") == 1


def test_of_sixteen_releases_of_what_was_seen_one_is_made(arena: Arena) -> None:
    make_something_to_release(arena)
    before = arena.count("release")
    seen = arena.etag("/v1/releases/next")
    sent = {"note": "As seen", "ready": True}
    answers = arena.race("pedr", "POST", "/v1/releases", lambda n: sent, If_Match=seen)
    found = statuses(answers)
    assert found[201] == 1
    assert found[409] + found[412] == CLIENTS - 1
    assert arena.count("release") == before + 1


def make_something_to_release(arena: Arena) -> None:
    unit = "/v1/units/moment.participating-to-succeed.title"
    body = {"text": f"Cymryd rhan {time.monotonic_ns()}"}
    assert arena.ask("twm", "PUT", f"{unit}/target", body, If_Match=arena.etag(unit)).status == 200


def test_sixteen_reverts_of_one_release_make_one(arena: Arena) -> None:
    make_something_to_release(arena)
    assert arena.ask("pedr", "POST", "/v1/releases", {"note": "To be undone", "ready": True}).status == 201
    before = arena.count("release")
    answers = arena.race("pedr", "POST", "/v1/releases/1/revert", lambda n: {"note": "Back"})
    assert statuses(answers) == {201: 1, 409: CLIENTS - 1}
    assert arena.count("release") == before + 1


def new_moment(title: str, **more: Any) -> dict[str, Any]:
    texts = {"title": {"cy": title}, "body": {"cy": "Stori newydd."}}
    place = {"collection": "consultant-social-workers", "category": "research"}
    return {"kind": "moment", "source_language": "cy", **place, "texts": texts, **more}


def test_sixteen_twins_of_a_creation_make_one_resource_and_get_one_answer(arena: Arena) -> None:
    before = arena.count("resource")
    sent = new_moment("Gefeilliaid")
    answers = arena.race("eirlys", "POST", "/v1/resources", lambda n: sent, Idempotency_Key="gefeilliaid")
    assert statuses(answers) == {201: CLIENTS}
    assert {(answer.text, answer.headers["etag"]) for answer in answers} == {
        (answers[0].text, answers[0].headers["etag"])
    }
    assert Counter("idempotent-replayed" in answer.headers for answer in answers) == {False: 1, True: CLIENTS - 1}
    assert arena.count("resource") == before + 1
    assert arena.count("audit WHERE subject = 'moment.gefeilliaid'") == 1


def test_sixteen_twins_of_a_release_make_one(arena: Arena) -> None:
    make_something_to_release(arena)
    before = arena.count("release")
    sent = {"note": "Twins", "ready": True}
    answers = arena.race("pedr", "POST", "/v1/releases", lambda n: sent, Idempotency_Key="twins")
    assert statuses(answers) == {201: CLIENTS}
    assert len({answer.text for answer in answers}) == 1
    assert arena.count("release") == before + 1


def test_one_key_for_sixteen_different_creations_makes_one(arena: Arena) -> None:
    answers = arena.race(
        "eirlys", "POST", "/v1/resources", lambda n: new_moment(f"Allwedd {n}"), Idempotency_Key="allwedd"
    )
    assert statuses(answers) == {201: 1, 422: CLIENTS - 1}
    assert arena.count("resource WHERE key LIKE 'allwedd-%'") == 1


def test_of_sixteen_resources_of_one_key_one_is_made_and_the_others_are_told(arena: Arena) -> None:
    answers = arena.race("eirlys", "POST", "/v1/resources", lambda n: new_moment("Yr un enw", key="yr-un-enw"))
    assert statuses(answers)[201] == 1
    assert statuses(answers)[400] == CLIENTS - 1, statuses(answers)
    assert arena.count("resource WHERE key = 'yr-un-enw'") == 1


def test_sixteen_resources_made_at_once_stand_in_sixteen_places(arena: Arena) -> None:
    answers = arena.race("eirlys", "POST", "/v1/resources", lambda n: new_moment(f"Lle {n}"))
    assert statuses(answers) == {201: CLIENTS}
    with arena.database.reading() as session:
        ranks = session.scalars(text("SELECT rank FROM resource WHERE kind = 'moment'")).all()
    assert len(set(ranks)) == len(ranks)


def test_of_sixteen_that_want_one_slug_one_gets_it(arena: Arena) -> None:
    queue = arena.ask("eirlys", "GET", "/v1/resources?kind=moment&limit=16").json["items"]
    assert len(queue) == CLIENTS

    def one(number: int) -> Answer:
        item = queue[number]
        change = {"slugs": {"en": "wanted-by-all", "cy": f"dymunol-{number}"}}
        path = f"/v1/resources/{item['id']}"
        return arena.ask_again("eirlys", "PATCH", path, change, server=number, If_Match=item["etag"])

    answers = at_once([lambda number=number: one(number) for number in range(CLIENTS)])
    assert statuses(answers) == {200: 1, 400: CLIENTS - 1}
    assert arena.count("resource_slug WHERE slug = 'wanted-by-all'") == 1


def test_sixteen_tokens_of_a_new_person_made_at_once_are_of_one_person(arena: Arena) -> None:
    answers = arena.race("ann", "POST", "/v1/tokens", lambda n: {"name": "Newydd", "roles": ["translator"]})
    assert statuses(answers) == {201: CLIENTS}
    assert arena.count("actor WHERE name = 'newydd'") == 1


def test_previews_and_a_release_at_once_are_all_answered(arena: Arena) -> None:
    make_something_to_release(arena)
    before = arena.count("release")

    def one(number: int) -> Answer:
        if number == 0:
            return arena.ask_again("pedr", "POST", "/v1/releases", {"note": "Previewed", "ready": True})
        # A prompt: the slugs of moments are raced for above, and any of sixteen may have another by now.
        return arena.ask_again("rhian", "GET", "/v1/prompts/some-worry-me?lang=cy&release=next", server=number)

    answers = at_once([lambda number=number: one(number) for number in range(CLIENTS)])
    assert statuses(answers) == {201: 1, 200: CLIENTS - 1}
    assert arena.count("release") == before + 1
