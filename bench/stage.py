"""The setup of a run: databases of several sizes on both engines, servers on their own core, nginx."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from api.cli.serve import ENVIRONMENT, granian_arguments
from api.db.schema_version import newest_migration
from api.settings import ROOT, Settings
from bench.client import LOOPBACK, Load, find_tool, is_up
from bench.pace import PacedReaders, run_readers
from tests.tools.postgres import persistent_server_url

FOLDER = ROOT / ".cache" / "bench"
ENGINES = ("sqlite", "postgresql")
SIZES = (60, 6_000, 60_000)
SETTINGS = {setting.name for setting in fields(Settings)}


class MissingPartError(Exception):
    """A part cannot be measured; the message gives the reason."""


def require_setting(name: str) -> None:
    """Raise MissingPartError if the service has no such setting."""
    if name not in SETTINGS:
        raise MissingPartError(f"the service has no setting {name.upper()}")


def require_module(name: str) -> None:
    """Raise MissingPartError if there is no such module."""
    if find_spec(name) is None:
        raise MissingPartError(f"{name.replace('.', '/')}.py does not exist")


@dataclass(frozen=True, slots=True)
class Server:
    """A server, and the process that started it."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def workers(self) -> list[int]:
        """The ids of the processes that handle requests."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children if b"resource_tracker" not in _command(int(child))]


def _command(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


@dataclass
class Stage:
    """The setup of a run: settings, folder, ports and cores, and the databases and servers made for the run."""

    is_quick: bool = False
    first_port: int = 8_280
    sizes: tuple[int, ...] = SIZES
    engines: tuple[str, ...] = ENGINES
    is_fresh: bool = False
    folder: Path = FOLDER
    report: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)
    # The databases that this run has generated.
    generated: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.client_core = cores[0], cores[-1]
        self._ports = itertools.cycle(range(self.first_port, self.first_port + 20))
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def rounds(self) -> int:
        """The number of samples that are taken of each contender."""
        return 3 if self.is_quick else 7

    def load(self, connections: int) -> Load:
        """Return the load of one sample."""
        return Load(1 if self.is_quick else 3, connections, self.client_core)

    @contextmanager
    def on_client_core(self) -> Iterator[None]:
        """Keep this process off the server's core, since it acts as a client of the server."""
        all_cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.client_core})
        try:
            yield
        finally:
            os.sched_setaffinity(0, all_cores)

    def read_steadily(
        self, port: int, paths: Sequence[str], rate: int, seconds: float
    ) -> AbstractContextManager[PacedReaders]:
        """Send ``rate`` requests per second to this loopback port, for ``seconds``, while the block runs."""
        return run_readers(port, paths, rate, seconds, self.client_core, self.folder)

    def port(self) -> int:
        """Return the next of the run's ports."""
        return next(self._ports)

    def database(self, size: int, engine: str = "sqlite") -> str:
        """Return the URL of a database with this many moments. Later runs at the same migration reuse the database."""
        url = self.url(f"{size}-{newest_migration()}", engine)
        if (self.is_fresh and url not in self.generated) or not self._is_generated(url):
            self.generate(size, url)
        return url

    def url(self, name: str, engine: str) -> str:
        """Return the URL of a database."""
        if engine == "sqlite":
            return f"sqlite:///{self.folder / name}.sqlite"
        plain = make_url(persistent_server_url()).set(
            database=f"eih_bench_{name.replace('-', '_')}", drivername="postgresql"
        )
        return plain.render_as_string(hide_password=False)

    def _is_generated(self, url: str) -> bool:
        if url.startswith("sqlite"):
            return Path(f"{_file(url)}.made").exists()
        with suppress(psycopg.Error), psycopg.connect(url) as connection:
            return connection.execute("SELECT count(*) > 0 FROM release").fetchone() == (True,)
        return False

    def generate(self, size: int, url: str) -> float:
        """Generate the content in an empty database and return the seconds it took."""
        require_module("bench.generate")
        self.drop(url, is_recreated=True)
        self.report(f"generating {size} moments in {url.partition(':')[0]}")
        started = time.perf_counter()
        command = [sys.executable, "-m", "bench.generate", url, str(size)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        if url.startswith("sqlite"):
            Path(f"{_file(url)}.made").touch()
        self.generated.add(url)
        return seconds

    def drop(self, url: str, *, template: str | None = None, is_recreated: bool = False) -> None:
        """Drop a database. On PostgreSQL, ``is_recreated`` creates a new one, empty or as a copy of ``template``."""
        if url.startswith("sqlite"):
            for file in self.folder.glob(_file(url).name + "*"):
                file.unlink()
            return
        name = make_url(url).database
        with psycopg.connect(_plain(persistent_server_url()), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            if is_recreated:
                origin = f'"{template}"' if template else "template0 LOCALE 'C.UTF-8' ENCODING 'UTF8'"
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {origin}'.encode())

    @contextmanager
    def copy(self, size: int, engine: str = "sqlite") -> Iterator[str]:
        """Yield the URL of a database copy that may be changed, and drop the copy afterwards."""
        origin = self.database(size, engine)
        url = self.url(f"copy-{size}", engine)
        self.drop(url, template=make_url(origin).database, is_recreated=True)
        if engine == "sqlite":
            # Copy the write-ahead log too, if another run left one.
            for file in self.folder.glob(_file(origin).name + "*"):
                if not file.name.endswith(".made"):
                    shutil.copyfile(file, str(file).replace(_file(origin).name, _file(url).name))
        try:
            yield url
        finally:
            self.drop(url)

    @contextmanager
    def service(
        self, url: str, *, application: str | None = None, ready: str = "/healthz", **settings: object
    ) -> Iterator[Server]:
        """Run the service as in production; a single worker is pinned to the server's core."""
        port = self.port()
        environment = ENVIRONMENT | {n: v for n, v in os.environ.items() if n.lower() not in SETTINGS}
        values = {
            "database_url": url, "port": port, "public_url": f"http://{LOOPBACK}:{port}", "log_level": "error",
            "search_limit": "0", "write_limit": "0", **settings,
        }  # fmt: skip
        environment |= {name.upper(): str(value) for name, value in values.items()}
        known = {name: value for name, value in values.items() if name in SETTINGS}
        arguments = granian_arguments(Settings(**known))  # type: ignore[arg-type]
        if application is not None:
            arguments = [*arguments[:-1], application]
        pinned = ["taskset", "-c", str(self.server_core)] if values.get("workers", 1) == 1 else []
        with run_server(
            [*pinned, sys.executable, "-m", "granian", *arguments], port, environment, self.folder, ready
        ) as process:
            yield Server(port, process)

    @contextmanager
    def nginx(self, size: int) -> Iterator[tuple[Server, Server]]:
        """Run nginx on one core and yield two servers: plain files (in ``bytes/``), and the static export."""
        site, plain, port = self.folder / f"site-{size}", self.port(), self.port()
        self.export(self.database(size), site)
        user = "user root;" if os.geteuid() == 0 else ""
        placeholders = {"FOLDER": self.folder, "SITE": site.resolve(), "PLAIN": plain, "PORT": port, "USER;": user}
        conf = (ROOT / "bench" / "nginx.conf").read_text(encoding="utf-8")
        for placeholder, value in placeholders.items():
            conf = conf.replace(placeholder, str(value))
        (self.folder / "nginx.conf").write_text(conf, encoding="utf-8")
        command = [
            "taskset", "-c", str(self.server_core), find_tool("nginx", "nginx"), "-p", str(self.folder),
            "-c", str(self.folder / "nginx.conf"),
        ]  # fmt: skip
        with run_server(command, port, dict(os.environ), self.folder) as process:
            yield Server(plain, process), Server(port, process)

    def export(self, url: str, site: Path) -> None:
        """Write the static export of a database."""
        self.report("writing the static export")
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "export", "static", str(site)]
        environment = os.environ | {"DATABASE_URL": url, "PUBLIC_URL": f"http://{LOOPBACK}:{self.first_port}"}
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def run_server(
    command: list[str], port: int, environment: dict[str, str], folder: Path, ready: str = "/healthz"
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, and stop it with all its child processes afterwards."""
    with ExitStack() as stack:
        log = stack.enter_context((folder / f"server-{port}.log").open("wb"))
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        stack.callback(_stop, process)
        end = time.monotonic() + 60
        while not is_up(port, ready):
            if process.poll() is not None or time.monotonic() > end:
                output = (folder / f"server-{port}.log").read_text(errors="replace")
                raise MissingPartError(f"{command[-1]} did not start: {output.strip()[-500:]}")
            time.sleep(0.02)
        yield process


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
