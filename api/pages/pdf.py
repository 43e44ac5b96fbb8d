"""PDFs, where the operator has installed what makes them: printed by a program of their own, one at a time."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore, Lock

import structlog

from api.domain.errors import PdfBusyError, PdfUnavailableError

log = structlog.get_logger("eiliadau_hud")

PDF_WORKER = Path(__file__).with_name("pdf_worker.py")
# Seconds: the longest session, in both languages, takes seven.
PATIENCE = 30.0
# One is printed and one waits. Whoever else comes is told so: nobody can hold all threads of a worker.
_QUEUE, _PRESS = BoundedSemaphore(2), Lock()


@cache
def can_make_pdf() -> bool:
    """Can this service make PDFs? Asked of the program once, and only where its package is installed."""
    if find_spec("weasyprint") is None:
        return False
    try:
        _run("--check")
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("no-pdf", said=_last_line(error))
        return False
    return True


def print_pdf(html: str) -> bytes:
    """A PDF of a page that has its styles and pictures in it. Raises PrintingUnavailable, PrintingBusy."""
    if not can_make_pdf():
        raise PdfUnavailableError
    if not _QUEUE.acquire(blocking=False):
        raise PdfBusyError
    try:
        with _PRESS:
            return _print(html.encode())
    except subprocess.TimeoutExpired as error:
        raise PdfBusyError from error
    finally:
        _QUEUE.release()


def _print(page: bytes) -> bytes:
    try:
        return _run(said=page)
    except subprocess.CalledProcessError as error:
        if error.returncode >= 0:
            raise
        # It is C underneath, and can fall: that is why it runs by itself. A page that makes it fall twice is a fault.
        log.warning("pdf-again", signal=-error.returncode)
        return _run(said=page)


def _run(*options: str, said: bytes = b"") -> bytes:
    # -I: it reads nothing of the environment, and imports nothing from the folder that the service runs in.
    command = [sys.executable, "-I", str(PDF_WORKER), *options]
    return subprocess.run(command, input=said, capture_output=True, check=True, timeout=PATIENCE).stdout


def _last_line(error: Exception) -> str:
    """What the program said last before it gave up."""
    said: bytes = getattr(error, "stderr", None) or str(error).encode()
    return said.decode(errors="replace").strip().rpartition("\n")[2][:300]
