"""nginx and systemd accept the files in deploy/, and the files name existing settings and commands."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from api.db.database import Database
from api.services.maintenance.migrations import upgrade
from api.settings import ROOT, Settings, read_settings
from tests.conftest import make_settings
from tests.tools.booklets import load, small_booklet
from tests.tools.clients import create_tokens
from tests.tools.middlewares import DEPLOY, run_nginx, send_request
from tests.tools.servers import Server, run_servers

UNIT = (DEPLOY / "eiliadau-hud.service").read_text(encoding="utf-8")
ENVIRONMENT = (DEPLOY / "eiliadau-hud.env").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """Serve the small booklet; yield the server and an editor's token."""
    folder = tmp_path_factory.mktemp("proxied")
    url = f"sqlite:///{folder / 'service.sqlite'}"
    database = Database(make_settings(url))
    upgrade(database.engine)
    with database.writing() as session:
        load(session, small_booklet())
    secret = create_tokens(database)["twm"]
    database.close()
    with run_servers(url, folder / "hold", count=1) as (server,):
        yield server, secret


@pytest.fixture(scope="module")
def proxy(served: tuple[Server, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run nginx with the project's proxy configuration, without TLS and host names; yield the port."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").partition("\n# 2. ")[0]
    http, _, server = text.partition("\nserver {\n")
    server = re.sub(r"^    (?:listen|server_name|ssl_\w+) .*\n", "", server.rstrip().removesuffix("}"), flags=re.M)
    http = http.replace("127.0.0.1:8000", f"127.0.0.1:{served[0].port}")
    with run_nginx(server, http, tmp_path_factory.mktemp("proxy")) as port:
        yield port


def test_nginx_passes_on_the_responses_of_the_service(served: tuple[Server, str], proxy: int) -> None:
    for path in ("/v1/moments?lang=cy", "/v1/moments/nobody", "//v1/moments", "/v1/translation-status.csv"):
        direct, proxied = send_request(served[0].port, path), send_request(proxy, path)
        assert (proxied.status, proxied.headers["content-type"]) == (direct.status, direct.headers["content-type"])
        assert proxied.headers.get("etag") == direct.headers.get("etag")
        assert len(proxied.headers["x-request-id"]) == 32
        assert "surrogate-key" not in proxied.headers
    assert send_request(proxy, "/readyz").status == 200


def test_nginx_compresses_public_responses_and_keeps_the_strong_etags_of_the_authoring_api(
    served: tuple[Server, str], proxy: int
) -> None:
    # The service compresses what it caches. nginx passes it on with its strong ETag, and compresses the rest.
    for coding in ("gzip", "br"):
        headers = {"Accept-Encoding": coding}
        direct, first = (send_request(port, "/v1/moments?lang=cy", headers=headers) for port in (served[0].port, proxy))
        assert first.headers["content-encoding"] == coding
        assert (first.headers["etag"], first.body) == (direct.headers["etag"], direct.body)
        assert first.headers["etag"].endswith(f'-{coding}"')
        again = send_request(proxy, "/v1/moments?lang=cy", headers={**headers, "If-None-Match": first.headers["etag"]})
        assert (again.status, again.headers["etag"]) == (304, first.headers["etag"])
    random = send_request(proxy, "/v1/moments/random?lang=cy", headers={"Accept-Encoding": "gzip"})
    assert (random.headers["content-encoding"], random.headers["vary"]) == ("gzip", "Accept-Encoding")
    bearer = {"Authorization": f"Bearer {served[1]}", "Accept-Encoding": "gzip"}
    unit = send_request(proxy, "/v1/units/moment.first.title", headers=bearer)
    assert (unit.status, unit.headers["etag"][:1]) == (200, '"')


def test_nginx_accepts_the_whole_configuration(tmp_path: Path) -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"^    ssl_\w+ .*\n", "", text, flags=re.M).replace("443 ssl", "127.0.0.1:8443")
    for name in ("http.conf", "server.conf"):
        (tmp_path / name).write_text("")
    text = text.replace("/srv/eiliadau-hud/site/nginx", str(tmp_path))
    with run_nginx("location / { return 204; }", text, tmp_path):
        assert "[warn]" not in (tmp_path / "nginx.log").read_text()


def test_the_systemd_unit_names_an_existing_command_and_existing_settings() -> None:
    command = re.search(r"^ExecStart=/opt/eiliadau-hud/\.venv/bin/python -m (\S+)$", UNIT, re.MULTILINE)
    assert command is not None
    assert (ROOT / f"{command[1].replace('.', '/')}.py").exists()
    settings = {setting.name.upper() for setting in fields(Settings)}
    environment = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", ENVIRONMENT, re.MULTILINE))
    assert set(environment) <= settings
    assert read_settings(environment).public_url == "https://cynnwys.example"
    for option in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "PrivateTmp=yes"):
        assert f"\n{option}\n" in UNIT
    # DATABASE_URL may contain a password, so it belongs in the environment file.
    assert "DATABASE_URL" not in UNIT


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        # If systemd is not installed, check only the names of the sections.
        assert re.findall(r"^\[(\w+)\]$", UNIT, re.MULTILINE) == ["Unit", "Service", "Install"]
        return
    unit = tmp_path / "eiliadau-hud.service"
    unit.write_text(UNIT.replace("/opt/eiliadau-hud/.venv/bin/python", "/bin/true"), encoding="utf-8")
    result = subprocess.run([tool, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    complaints = [line for line in result.stderr.splitlines() if "eiliadau-hud" in line]
    assert complaints == []
