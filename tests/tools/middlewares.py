"""Varnish and nginx, started for a test on a free loopback port."""

from __future__ import annotations

import http.client
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.settings import ROOT
from tests.tools.programs import require_program
from tests.tools.servers import free_port, wait_until

DEPLOY = ROOT / "deploy"


@dataclass(frozen=True)
class Reply:
    """A response; the header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send_request(port: int, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Reply:
    """Send one request on a new connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read()
        return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
    finally:
        connection.close()


def is_up(port: int, path: str = "/healthz") -> bool:
    try:
        return send_request(port, path).status < 500
    except (OSError, http.client.HTTPException):
        return False


@contextmanager
def run_program(arguments: list[str], log: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server program that listens on ``port``, and stop the program afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(arguments, stdout=out, stderr=out)
    try:
        wait_until(lambda: process.poll() is not None or is_up(port))
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def run_varnish(service_port: int, folder: Path) -> Iterator[int]:
    """Run Varnish with ``deploy/varnish.vcl`` in front of the service, and yield the port of Varnish."""
    vcl = (DEPLOY / "varnish.vcl").read_text(encoding="utf-8")
    # Only these two values differ from production.
    for original, replacement in (('"8000"', f'"{service_port}"'), (".interval = 2s", ".interval = 0.1s")):
        assert vcl.count(original) == 1
        vcl = vcl.replace(original, replacement)
    (folder / "test.vcl").write_text(vcl, encoding="utf-8")
    port = free_port()
    arguments = [
        require_program("varnishd"), "-F", "-j", "none", "-n", str(folder / "varnish"), "-a", f"127.0.0.1:{port}",
        "-T", "none", "-f", str(folder / "test.vcl"), "-s", "malloc,32m", "-p", "thread_pool_min=10",
    ]  # fmt: skip
    with run_program(arguments, folder / "varnish.log", port):
        yield port


@contextmanager
def run_nginx(server: str, http: str, folder: Path) -> Iterator[int]:
    """Run nginx with these directives in its ``http`` and ``server`` blocks, and yield the port of nginx."""
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"""{"user root;" if os.geteuid() == 0 else ""}
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off; {_temporary_paths(folder)}
    {http}
    server {{ listen 127.0.0.1:{port}; {server} }}
}}
""",
        encoding="utf-8",
    )
    with run_program(
        [require_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")], folder / "nginx.log", port
    ):
        yield port


def _temporary_paths(folder: Path) -> str:
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return " ".join(f"{name}_temp_path {folder}/{name};" for name in names)
