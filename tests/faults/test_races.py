"""Sixteen simultaneous requests of the same kind, to two server processes on one database."""

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
from tests.conftest import Template, make_settings
from tests.tools.booklets import copy_database
from tests.tools.clients import create_tokens
from tests.tools.servers import Server, ServerResponse, processes_holding, run_at_once, run_servers, wait_until

CLIENTS = 16
UNIT = "/v1/units/moment.chain-reaction.title"


# All tests of an engine run on one pytest worker, so that the servers are started once.
XDIST_GROUP = "races"


@dataclass(frozen=True)
class RaceServers:
    """Two servers, their database, and the tokens of all actors."""

    servers: list[Server]
    database: Database
    secrets: dict[str, str]
    hold: Path

    def request(
        self, actor: str, method: str, path: str, body: Any = None, *, server: int = 0, **headers: str
    ) -> ServerResponse:
        return self.servers[server % 2].request(method, path, self.secrets[actor], body, **headers)

    def request_until_available(
        self, actor: str, method: str, path: str, body: Any = None, **more: Any
    ) -> ServerResponse:
        """Repeat the request while the response is a 503 with Retry-After; return the last response."""
        for _ in range(20):
            response = self.request(actor, method, path, body, **more)
            if response.status != 503:
                break
            assert int(response.headers["retry-after"]) > 0
            time.sleep(0.1)
        return response

    def etag(self, path: str, actor: str = "rhian") -> str:
        return self.request(actor, "GET", path).headers["etag"]

    def race(
        self, actor: str, method: str, path: str, body: Callable[[int], Any], **headers: str
    ) -> list[ServerResponse]:
        """Send sixteen requests at once; return the responses. The first commit waits until all requests have begun."""
        self.request(actor, "GET", "/v1/releases/next")  # stores the token's last use before the race

        def send(number: int) -> ServerResponse:
            return self.request_until_available(actor, method, path, body(number), server=number, **headers)

        self.hold.touch()
        Thread(target=self._release_hold, daemon=True).start()
        return run_at_once([lambda number=number: send(number) for number in range(CLIENTS)])

    def _release_hold(self) -> None:
        try:
            wait_until(lambda: processes_holding(self.hold), 10)
            time.sleep(0.3)
        finally:
            self.hold.unlink()

    def count(self, query: str, **data: object) -> int:
        with self.database.reading() as session:
            return session.scalar(text(f"SELECT count(*) FROM {query}"), data) or 0


@pytest.fixture(scope="module")
def servers(loaded_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaceServers]:
    folder = tmp_path_factory.mktemp("races")
    hold = folder / "hold"
    with copy_database(loaded_template, folder) as url, run_servers(url, hold, blocking_threads=8) as servers:
        database = Database(make_settings(url))
        yield RaceServers(servers, database, create_tokens(database), hold)
        database.close()


def count_statuses(responses: list[ServerResponse]) -> Counter[int]:
    return Counter(response.status for response in responses)


def test_exactly_one_of_sixteen_deliveries_of_a_text_succeeds_and_is_not_overwritten(servers: RaceServers) -> None:
    before = servers.request("twm", "GET", UNIT).json["target"]["revision"]
    sent = [f"Adwaith {number}" for number in range(CLIENTS)]
    responses = servers.race("twm", "PUT", f"{UNIT}/target", lambda n: {"text": sent[n]}, If_Match=servers.etag(UNIT))
    assert count_statuses(responses) == {200: 1, 412: CLIENTS - 1}
    (won,) = [response for response in responses if response.status == 200]
    target = servers.request("twm", "GET", UNIT).json["target"]
    assert (target["text"], target["revision"]) == (won.json["target"]["text"], before + 1)
    for lost in responses:
        if lost is not won:
            assert lost.json["current"]["target"]["text"] == target["text"], "the others get the current text"
            assert lost.json["etag"] == lost.headers["etag"] == won.headers["etag"]
    written_revisions = "revision JOIN unit ON unit.id = unit_id WHERE text LIKE 'Adwaith %' AND number > :before"
    assert servers.count(written_revisions, before=before) == 1
    assert servers.count("audit WHERE subject = :unit AND act = 'write'", unit=UNIT.removeprefix("/v1/units/")) == 1


def test_exactly_one_of_sixteen_reviews_of_a_text_succeeds(servers: RaceServers) -> None:
    unit = "/v1/units/moment.chain-reaction.body"
    etag = servers.etag(unit)
    decisions = [{"decision": "approve"}, {"decision": "return", "comment": "Say it more plainly."}]
    responses = servers.race("rhian", "POST", f"{unit}/review", lambda n: decisions[n % 2], If_Match=etag)
    assert count_statuses(responses) == {200: 1, 412: CLIENTS - 1}
    about = "JOIN revision ON revision.id = revision_id JOIN unit ON unit.id = unit_id"
    assert servers.count(f"review {about} WHERE unit.id = :unit", unit=int(etag.split("-")[1])) == 1
    assert (
        servers.count("audit WHERE subject = :u AND act IN ('approve', 'return')", u=unit.removeprefix("/v1/units/"))
        == 1
    )


def test_exactly_one_of_sixteen_releases_of_the_same_change_succeeds(servers: RaceServers) -> None:
    change_a_text(servers)
    before = servers.count("release")
    responses = servers.race("pedr", "POST", "/v1/releases", lambda n: {"note": f"Release {n}", "ready": True})
    assert count_statuses(responses) == {201: 1, 409: CLIENTS - 1}
    # A text that an earlier test returned to its translator still waits, and is then the reason.
    blockers = servers.request("pedr", "GET", "/v1/releases/next").json["blockers"]
    reason = "/release-blocked" if blockers else "/nothing-to-release"
    assert all(a.json["type"].endswith(reason) for a in responses if a.status == 409)
    assert servers.count("release") == before + 1
    assert servers.count("audit WHERE act = 'release' AND subject = :s", s=f"release.{before + 1}") == 1


def test_exactly_one_of_sixteen_releases_with_if_match_succeeds(servers: RaceServers) -> None:
    change_a_text(servers)
    before = servers.count("release")
    etag = servers.etag("/v1/releases/next")
    sent = {"note": "As seen", "ready": True}
    responses = servers.race("pedr", "POST", "/v1/releases", lambda n: sent, If_Match=etag)
    statuses = count_statuses(responses)
    assert statuses[201] == 1
    assert statuses[409] + statuses[412] == CLIENTS - 1
    assert servers.count("release") == before + 1


def change_a_text(servers: RaceServers) -> None:
    unit = "/v1/units/moment.participating-to-succeed.title"
    body = {"text": f"Cymryd rhan {time.monotonic_ns()}"}
    assert servers.request("twm", "PUT", f"{unit}/target", body, If_Match=servers.etag(unit)).status == 200


def test_exactly_one_of_sixteen_reverts_to_the_same_release_succeeds(servers: RaceServers) -> None:
    change_a_text(servers)
    assert servers.request("pedr", "POST", "/v1/releases", {"note": "To be undone", "ready": True}).status == 201
    before = servers.count("release")
    responses = servers.race("pedr", "POST", "/v1/releases/1/revert", lambda n: {"note": "Back"})
    assert count_statuses(responses) == {201: 1, 409: CLIENTS - 1}
    assert servers.count("release") == before + 1


def new_moment(title: str, **more: Any) -> dict[str, Any]:
    texts = {"title": {"cy": title}, "body": {"cy": "Stori newydd."}}
    parents = {"collection": "consultant-social-workers", "category": "research"}
    return {"kind": "moment", "source_language": "cy", **parents, "texts": texts, **more}


def test_sixteen_creations_with_one_idempotency_key_create_one_resource_and_get_one_response(
    servers: RaceServers,
) -> None:
    before = servers.count("resource")
    sent = new_moment("Gefeilliaid")
    responses = servers.race("eirlys", "POST", "/v1/resources", lambda n: sent, Idempotency_Key="gefeilliaid")
    assert count_statuses(responses) == {201: CLIENTS}
    assert {(response.text, response.headers["etag"]) for response in responses} == {
        (responses[0].text, responses[0].headers["etag"])
    }
    assert Counter("idempotent-replayed" in response.headers for response in responses) == {False: 1, True: CLIENTS - 1}
    assert servers.count("resource") == before + 1
    assert servers.count("audit WHERE subject = 'moment.gefeilliaid'") == 1


def test_sixteen_releases_with_one_idempotency_key_make_one_release(servers: RaceServers) -> None:
    change_a_text(servers)
    before = servers.count("release")
    sent = {"note": "Twins", "ready": True}
    responses = servers.race("pedr", "POST", "/v1/releases", lambda n: sent, Idempotency_Key="twins")
    assert count_statuses(responses) == {201: CLIENTS}
    assert len({response.text for response in responses}) == 1
    assert servers.count("release") == before + 1


def test_exactly_one_of_sixteen_different_creations_with_one_idempotency_key_succeeds(servers: RaceServers) -> None:
    responses = servers.race(
        "eirlys", "POST", "/v1/resources", lambda n: new_moment(f"Allwedd {n}"), Idempotency_Key="allwedd"
    )
    assert count_statuses(responses) == {201: 1, 422: CLIENTS - 1}
    assert servers.count("resource WHERE key LIKE 'allwedd-%'") == 1


def test_exactly_one_of_sixteen_resources_with_the_same_id_is_created(servers: RaceServers) -> None:
    responses = servers.race("eirlys", "POST", "/v1/resources", lambda n: new_moment("Yr un enw", key="yr-un-enw"))
    assert count_statuses(responses)[201] == 1
    assert count_statuses(responses)[400] == CLIENTS - 1, count_statuses(responses)
    assert servers.count("resource WHERE key = 'yr-un-enw'") == 1


def test_sixteen_resources_created_at_once_get_different_ranks(servers: RaceServers) -> None:
    responses = servers.race("eirlys", "POST", "/v1/resources", lambda n: new_moment(f"Lle {n}"))
    assert count_statuses(responses) == {201: CLIENTS}
    with servers.database.reading() as session:
        ranks = session.scalars(text("SELECT rank FROM resource WHERE kind = 'moment'")).all()
    assert len(set(ranks)) == len(ranks)


def test_exactly_one_of_sixteen_resources_gets_the_slug_that_all_of_them_request(servers: RaceServers) -> None:
    queue = servers.request("eirlys", "GET", "/v1/resources?kind=moment&limit=16").json["items"]
    assert len(queue) == CLIENTS

    def send(number: int) -> ServerResponse:
        item = queue[number]
        change = {"slugs": {"en": "wanted-by-all", "cy": f"dymunol-{number}"}}
        path = f"/v1/resources/{item['id']}"
        return servers.request_until_available("eirlys", "PATCH", path, change, server=number, If_Match=item["etag"])

    responses = run_at_once([lambda number=number: send(number) for number in range(CLIENTS)])
    assert count_statuses(responses) == {200: 1, 400: CLIENTS - 1}
    assert servers.count("resource_slug WHERE slug = 'wanted-by-all'") == 1


def test_sixteen_tokens_created_at_once_for_a_new_name_belong_to_one_person(servers: RaceServers) -> None:
    responses = servers.race("ann", "POST", "/v1/tokens", lambda n: {"name": "Newydd", "roles": ["translator"]})
    assert count_statuses(responses) == {201: CLIENTS}
    assert servers.count("actor WHERE name = 'newydd'") == 1


def test_simultaneous_previews_and_a_release_all_succeed(servers: RaceServers) -> None:
    change_a_text(servers)
    before = servers.count("release")

    def send(number: int) -> ServerResponse:
        if number == 0:
            return servers.request_until_available("pedr", "POST", "/v1/releases", {"note": "Previewed", "ready": True})
        # Read a prompt, because the tests above change slugs of moments.
        return servers.request_until_available(
            "rhian", "GET", "/v1/prompts/some-worry-me?lang=cy&release=next", server=number
        )

    responses = run_at_once([lambda number=number: send(number) for number in range(CLIENTS)])
    assert count_statuses(responses) == {201: 1, 200: CLIENTS - 1}
    assert servers.count("release") == before + 1
