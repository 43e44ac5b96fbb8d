"""When processes are killed during writes, acknowledged work is stored and nothing is half written."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import text

from api.db.database import Database
from api.services.booklets.verify import verify_content
from tests.conftest import make_settings
from tests.tools.clients import create_tokens
from tests.tools.servers import Server, ServerResponse, processes_holding, restart_stopped, run_servers, wait_until

KILLS = int(os.environ.get("TEST_KILLS", "30"))
TITLES = [f"moment.{key}.title" for key in ("seeing-the-light", "chain-reaction", "participating-to-succeed")]


# Each engine gets its own pytest worker, so that both engines run at the same time.
XDIST_GROUP = "kills"


@dataclass
class Workload:
    """Clients that keep sending requests while servers die, and the work that the servers acknowledged."""

    servers: list[Server]
    secrets: dict[str, str]
    texts: list[tuple[str, int, str]] = field(default_factory=list)
    releases: list[int] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    is_over: Event = field(default_factory=Event)
    turn: Iterator[int] = field(default_factory=itertools.count)

    def request(self, actor: str, method: str, path: str, body: Any = None, **headers: str) -> ServerResponse:
        server = self.servers[next(self.turn) % len(self.servers)]
        response = server.request(method, f"/v1{path}", self.secrets[actor], body, timeout=15, **headers)
        # A broken connection or a 503 is expected here; any other error is not.
        if response.status in {0, 503}:
            time.sleep(0.02)
        elif response.status not in {200, 201, 409, 412}:
            self.errors.append(f"{method} {path}: {response.status} {response.text[:200]}")
        return response

    def write(self, unit: str) -> None:
        """Write one text repeatedly."""
        for number in itertools.count():
            if self.is_over.is_set():
                return
            current = self.request("twm", "GET", f"/units/{unit}")
            if current.status != 200:
                continue
            new_text = f"Testun {unit} {number}"
            response = self.request(
                "twm", "PUT", f"/units/{unit}/target", {"text": new_text}, If_Match=current.headers["etag"]
            )
            if response.status == 200:
                self.texts.append((unit, response.json["target"]["revision"], new_text))

    def publish(self) -> None:
        while not self.is_over.is_set():
            response = self.request("pedr", "POST", "/releases", {"note": "More", "ready": True})
            if response.status == 201:
                self.releases.append(response.json["number"])
            time.sleep(0.05)

    def create(self) -> None:
        """Create resources one after another; retry each with the same idempotency key until it is created."""
        parent = {"kind": "ground-rule", "source_language": "cy", "collection": "consultant-social-workers"}
        for number in itertools.count():
            body = {**parent, "key": f"rheol-{number}", "texts": {"text": {"cy": f"Rheol {number}"}}}
            response = ServerResponse(0)
            while response.status != 201:
                if self.is_over.is_set():
                    return
                response = self.request("eirlys", "POST", "/resources", body, Idempotency_Key=f"rheol-{number}")
            self.resources.append(response.json["id"])


def test_acknowledged_writes_survive_killed_workers_and_no_write_is_stored_in_part(
    loaded_url: str, loaded_database: Database, tmp_path: Path
) -> None:
    hold = tmp_path / "hold"
    secrets = create_tokens(loaded_database)
    rng = random.Random(7)
    with run_servers(loaded_url, hold, workers=2) as servers:
        work = Workload(servers, secrets)
        jobs: list[Callable[[], None]] = [lambda unit=unit: work.write(unit) for unit in TITLES]  # type: ignore[misc]
        with ThreadPoolExecutor(len(jobs) + 2) as pool:
            running = [pool.submit(job) for job in (*jobs, work.publish, work.create)]
            try:
                for number in range(KILLS):
                    done = len(work.texts)
                    wait_until(lambda done=done: restart_stopped(servers) or len(work.texts) > done)  # type: ignore[misc]
                    kill_a_writer(number, servers, hold, rng, loaded_database)
            finally:
                hold.unlink(missing_ok=True)
                work.is_over.set()
        for job in running:
            job.result()
    assert work.errors == []
    assert len(work.texts) >= KILLS
    assert work.resources
    database = Database(make_settings(loaded_url))
    assert_acknowledged_work_is_stored(database, work)
    assert_nothing_is_half_written(database)
    database.close()


def kill_a_writer(number: int, servers: list[Server], hold: Path, rng: random.Random, database: Database) -> None:
    """Kill a process that waits to commit, before or just after the commit is allowed."""
    time.sleep(rng.uniform(0, 0.05))
    for file in hold.parent.glob(f"{hold.name}.*"):
        file.unlink(missing_ok=True)  # a process that was killed while it waited left this file
    hold.touch()
    # Both servers may have stopped: restart them until a process is about to commit.
    wait_until(lambda: restart_stopped(servers) or processes_holding(hold))
    pid = rng.choice(processes_holding(hold))
    if not database.is_sqlite and number % 2:
        terminate_a_backend(database)
    elif number % 3 == 2:
        hold.unlink()
        time.sleep(rng.uniform(0, 0.004))
        kill(pid)
    else:
        kill(pid)
    hold.unlink(missing_ok=True)


def kill(pid: int) -> None:
    # A server that stops kills its workers, so this process may already be dead.
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def terminate_a_backend(database: Database) -> None:
    """Terminate a PostgreSQL backend with an open transaction that waits for its commit."""
    waiting = "datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()"
    with database.engine.begin() as connection:
        is_terminated = connection.scalar(
            text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {waiting} LIMIT 1")
        )
    assert is_terminated


def assert_acknowledged_work_is_stored(database: Database, work: Workload) -> None:
    with database.reading() as session:
        stored = session.execute(
            text(
                "SELECT kind || '.' || key || '.' || field, revision.number, text FROM revision "
                "JOIN unit ON unit.id = unit_id JOIN resource ON resource.id = resource_id WHERE text LIKE 'Testun %'"
            )
        )
        missing = set(work.texts) - {tuple(row) for row in stored}
        assert missing == set()
        assert set(work.releases) <= set(session.scalars(text("SELECT number FROM release")))
        created = list(session.scalars(text("SELECT 'ground-rule.' || key FROM resource WHERE key LIKE 'rheol-%'")))
        assert set(work.resources) <= set(created)
        assert len(set(created)) == len(created)


# Kinds of inconsistent rows, each with a query that finds such rows.
INCONSISTENCIES = {
    "a revision without its audit entry": """
        SELECT * FROM revision JOIN unit ON unit.id = unit_id JOIN resource ON resource.id = resource_id
        WHERE revision.via = 'api' AND revision.text LIKE 'Testun %' AND 1 <> (SELECT count(*) FROM audit
        WHERE subject = kind || '.' || key || '.' || field AND act = revision.act AND to_revision = revision.number)""",
    "an audit entry without its revision": """
        SELECT * FROM audit WHERE act = 'write' AND NOT EXISTS (SELECT 1 FROM revision
        WHERE revision.request_id = audit.request_id AND revision.number = audit.to_revision)""",
    "a unit that does not point to its last revision": """
        SELECT * FROM unit JOIN revision ON revision.id = target_id WHERE revision.unit_id <> unit.id
        OR revision.number <> (SELECT max(number) FROM revision AS r WHERE r.unit_id = unit.id
        AND r.language = revision.language)""",
    "a unit without a source": "SELECT * FROM unit WHERE source_id IS NULL",
    "a resource without units or without its audit entry": """
        SELECT * FROM resource WHERE key LIKE 'rheol-%' AND (NOT EXISTS (SELECT 1 FROM unit
        WHERE resource_id = resource.id) OR 1 <> (SELECT count(*) FROM audit
        WHERE subject = 'ground-rule.' || key AND act = 'create'))""",
    "an edition without its other language": """
        SELECT resource_id, first_release FROM edition GROUP BY resource_id, first_release HAVING count(*) <> 2""",
    "a release without editions": """
        SELECT * FROM release WHERE NOT EXISTS (SELECT 1 FROM edition WHERE first_release = number)""",
    "a release without its audit entry": """
        SELECT * FROM release WHERE number > 1 AND 1 <> (SELECT count(*) FROM audit
        WHERE act = 'release' AND subject = 'release.' || number)""",
    "an idempotency key without a response": "SELECT * FROM idempotency WHERE status <> 201 OR body = ''",
}


def assert_nothing_is_half_written(database: Database) -> None:
    with database.reading() as session:
        for name, query in INCONSISTENCIES.items():
            assert session.execute(text(query)).all() == [], name
        numbers = list(session.scalars(text("SELECT number FROM release ORDER BY number")))
        assert numbers == list(range(1, len(numbers) + 1))
        for counts in session.scalars(text("SELECT counts FROM release")):
            assert (json.loads(counts) if isinstance(counts, str) else counts)["resources"]
        assert list(verify_content(session)) == []
        if database.is_sqlite:
            assert session.execute(text("PRAGMA integrity_check")).all() == [("ok",)]
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
