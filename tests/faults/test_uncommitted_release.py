"""Readers get the whole old release until the new one is committed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import sleep
from urllib.parse import urlsplit

from api.db.database import Database
from api.services.access.audit_log import make_audit_context
from api.services.authoring.resources import list_row_ids
from api.services.authoring.units import NewText
from api.services.authoring.working_copy import read_working
from tests.tools.clients import create_tokens
from tests.tools.edits import write_source, write_target
from tests.tools.servers import Server, ServerResponse, processes_holding, run_servers, wait_until

READERS = 8
# Seconds after the publisher's response until every worker serves the new release.
VISIBILITY_DELAY = 0.2
# Every text of the new release begins with this prefix, so a response that mixes two releases is recognised.
NEW = "Newydd: "
LISTS = ("/v1/moments?lang=cy&limit=20", "/v1/moments?lang=en&limit=20", "/v1/bilingual/moments?limit=20")


@dataclass
class Readers:
    """Clients that read whole lists, and the releases that they got before and after the commit."""

    servers: list[Server]
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    is_public: Event = field(default_factory=Event)
    is_over: Event = field(default_factory=Event)

    def read(self, number: int) -> None:
        server = self.servers[number % len(self.servers)]
        while not self.is_over.is_set():
            # A reader that starts before the publisher's response may get either release.
            into = self.after if self.is_public.is_set() else self.before
            into.append(read_whole_list(lambda path: server.request("GET", path), LISTS[number % len(LISTS)]))


def test_readers_get_the_whole_old_release_until_the_new_one_is_committed(
    loaded_url: str, loaded_database: Database, tmp_path: Path
) -> None:
    secrets = create_tokens(loaded_database)
    hold = tmp_path / "hold"
    change_every_moment(loaded_database)
    with (
        run_servers(loaded_url, hold, count=2, release_check_ms=100) as servers,
        ThreadPoolExecutor(READERS + 1) as pool,
    ):
        reading, publisher = Readers(servers), servers[0]
        publisher.request(
            "GET", "/v1/releases/next", secrets["pedr"]
        )  # stores the token's last use first, so that the release is the only write
        try:
            hold.touch()
            release = pool.submit(publisher.request, "POST", "/v1/releases", secrets["pedr"], {"note": "All sixty"})
            wait_until(lambda: processes_holding(hold))
            readers = [pool.submit(reading.read, number) for number in range(READERS)]
            wait_until(lambda: len(reading.before) >= 2 * READERS)
            assert not release.done()
            assert set(reading.before) == {1}, "the release is not visible before its commit"
            hold.unlink()
            published = release.result()
            assert (published.status, published.json["number"], len(published.json["changes"])) == (201, 2, 60)
            sleep(VISIBILITY_DELAY)
            reading.is_public.set()
            wait_until(lambda: len(reading.after) >= 2 * READERS)
            assert set(reading.after) == {2}
        finally:
            hold.unlink(missing_ok=True)
            reading.is_over.set()
        for reader in readers:
            reader.result()


def change_every_moment(database: Database) -> None:
    """Change the titles of all sixty moments in the working copy, in both languages."""
    with database.writing() as session:
        audit = make_audit_context(session, "eirlys", "cli")
        for working in read_working(session, list_row_ids(session)):
            if working.subject.kind == "moment":
                name = f"{working.subject.id}.title"
                write_source(session, audit, name, NewText(NEW + name))
                write_target(session, audit, name, NewText(NEW + name))


def read_whole_list(get: Callable[[str], ServerResponse], first_path: str) -> int:
    """Read all pages of a list; return the release, after checking that all pages are of one release."""
    releases, total, items, path = set(), 0, 0, first_path
    while path:
        response = get(path)
        assert response.status == 200, f"{path}: {response.status} {response.text[:200]}"
        page = response.json
        releases.add(page["release"])
        for item in page["items"]:
            titles = item["title"].values() if isinstance(item["title"], dict) else [item["title"]]
            is_new = page["release"] == 2
            assert item["release"] == page["release"]
            assert all(title.startswith(NEW) == is_new for title in titles), item["id"]
        items, total = items + len(page["items"]), page["total"]
        parts = urlsplit(page["links"]["next"] or "")
        path = f"{parts.path}?{parts.query}" if parts.path else ""
    assert len(releases) == 1, f"one list was of the releases {releases}"
    assert items == total == 60
    return releases.pop()
