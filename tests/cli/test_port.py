"""The port: one instance of the service may listen on it, with all of its workers."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from api.cli.port import check_metrics_port, claim_port
from api.setting_rules import InvalidSettingError
from tests.conftest import Templates
from tests.tools.servers import free_port, wait_until
from tests.tools.service import run_service, start_and_fail

# Addresses that include each other: a claim of one excludes a claim of the other.
OVERLAPPING = (("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "::"), ("::1", "::"))


@pytest.fixture
def loaded_copy(templates: Templates, tmp_path: Path) -> str:
    """Return the URL of an SQLite file with the booklet."""
    copy = tmp_path / "service.sqlite"
    copy.write_bytes(Path(templates("sqlite", True).url.removeprefix("sqlite:///")).read_bytes())
    return f"sqlite:///{copy}"


def _listen(host: str, port: int, *options: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    for option in options:
        listener.setsockopt(socket.SOL_SOCKET, option, 1)
    listener.bind((host, port))
    listener.listen()
    return listener


@pytest.mark.parametrize("options", [(), (socket.SO_REUSEADDR,), (socket.SO_REUSEADDR, socket.SO_REUSEPORT)])
@pytest.mark.parametrize("hosts", OVERLAPPING)
def test_a_port_on_which_another_program_listens_cannot_be_claimed(
    hosts: tuple[str, str], options: tuple[int, ...]
) -> None:
    port = free_port()
    with _listen(hosts[0], port, *options), pytest.raises(InvalidSettingError, match=f"port {port} on .* is taken"):
        claim_port(hosts[1], port)
    os.close(claim_port(hosts[1], port))


@pytest.mark.parametrize("hosts", [*OVERLAPPING, *[(second, first) for first, second in OVERLAPPING]])
def test_a_port_can_be_claimed_once_before_anything_listens_on_it(hosts: tuple[str, str]) -> None:
    port = free_port()
    claim = claim_port(hosts[0], port)
    with pytest.raises(InvalidSettingError, match="taken"):
        claim_port(hosts[1], port)
    os.close(claim)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, the workers of a server share one socket")
def test_workers_share_a_claimed_port_and_get_all_its_connections() -> None:
    port = free_port()
    claim = claim_port("127.0.0.1", port)
    options = socket.SO_REUSEADDR, socket.SO_REUSEPORT
    with _listen("127.0.0.1", port, *options) as first, _listen("127.0.0.1", port, *options) as second:
        with pytest.raises(InvalidSettingError, match="taken"):
            claim_port("0.0.0.0", port)
        for worker in (first, second):
            worker.setblocking(False)
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                wait_until(lambda: _accept(first) or _accept(second))
    os.close(claim)
    # Connections that are not quite closed do not prevent the next start.
    os.close(claim_port("127.0.0.1", port))


def _accept(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_the_error_names_the_setting_to_change() -> None:
    with pytest.raises(InvalidSettingError, match=r"HOST: 192\.0\.2\.1 is not an address of this machine"):
        claim_port("192.0.2.1", free_port())
    with _listen("127.0.0.1", 0) as other, pytest.raises(InvalidSettingError, match=r"METRICS_PORT: port \d+"):
        check_metrics_port("127.0.0.1", other.getsockname()[1])
    with pytest.raises(InvalidSettingError, match="METRICS_HOST: the service cannot listen on"):
        check_metrics_port("nowhere.invalid", free_port())


def test_a_second_instance_exits_with_a_message_and_the_first_still_gets_all_requests(loaded_copy: str) -> None:
    with run_service(loaded_copy, workers=2) as first:
        for host in ("127.0.0.1", "0.0.0.0", "::"):
            assert start_and_fail(database_url=f"{loaded_copy}.other", port=first.port, host=host) == (
                1,
                f"PORT: port {first.port} on {host} is taken, by another program or another instance of this service; "
                "stop it, or set another PORT\n",
            )
        assert {first.request("GET", "/readyz").status for _ in range(20)} == {200}
    # The second instance did not prepare its database.
    assert not Path(f"{loaded_copy}.other".removeprefix("sqlite:///")).exists()
