"""The port of the service: claimed for one instance before its workers listen on it."""

from __future__ import annotations

import errno
import os
import socket
import sys

from api.setting_rules import InvalidSettingError


def claim_port(host: str, port: int) -> int:
    """Reserve the port for this process and the program that replaces it (``exec``). Raises InvalidSettingError.

    Returns the file descriptor of the socket that holds the port, which stays open; -1 if none is needed.

    Granian's workers share a port with SO_REUSEPORT, with which a second instance of the service could listen on the
    same port. So this process first listens without that option, which fails if another process uses the port. It then
    stops listening, sets the option and stays bound to the port, so that its own workers can bind to the port and
    another instance cannot. On other systems than Linux, Granian binds to the port once, without the option.
    """
    claim = _listen("PORT", host, port)
    if sys.platform != "linux":
        claim.close()
        return -1
    # The order matters: without SO_REUSEADDR, nothing else can bind to the port, even while nothing listens on it.
    claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    claim.shutdown(socket.SHUT_RDWR)
    claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    os.set_inheritable(claim.fileno(), True)
    return claim.detach()


def check_metrics_port(host: str, port: int) -> None:
    """Raise InvalidSettingError if the port for metrics is not free. Only one worker at a time listens on it."""
    _listen("METRICS_PORT", host, port).close()


def _listen(setting: str, host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InvalidSettingError(_explain(setting, host, port, error)) from None
    try:
        # Allow connections of an earlier run that are not quite closed yet.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1)
    except OSError as error:
        listener.close()
        raise InvalidSettingError(_explain(setting, host, port, error)) from None
    return listener


def _explain(setting: str, host: str, port: int, error: OSError) -> str:
    host_setting = setting.replace("PORT", "HOST")
    if error.errno == errno.EADDRINUSE:
        return (
            f"{setting}: port {port} on {host} is taken, by another program or another instance of this service; "
            f"stop it, or set another {setting}"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"{setting}: port {port} may not be used by this user; choose a port above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host_setting}: {host} is not an address of this machine; use 127.0.0.1, or 0.0.0.0 for all"
    return f"{host_setting}: the service cannot listen on {host!r}: {error.strerror}"
