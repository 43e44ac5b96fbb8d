"""Making PDFs in a separate process, one at a time. This needs the optional packages (WeasyPrint)."""

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
# In seconds. The longest session, in both languages, takes seven seconds.
PDF_TIMEOUT = 30.0
# While one PDF is being made, one more request may wait. Further requests fail at once, so that PDFs cannot occupy all
# threads.
_QUEUE, _LOCK = BoundedSemaphore(2), Lock()


@cache
def can_make_pdf() -> bool:
    """Return whether PDFs can be made. If WeasyPrint is installed, run the worker once to find out."""
    if find_spec("weasyprint") is None:
        return False
    try:
        _run("--check")
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("no-pdf", error=_last_line(error))
        return False
    return True


def make_pdf(html: str) -> bytes:
    """Return a PDF of a page with inline styles and images. Raises PdfUnavailableError or PdfBusyError."""
    if not can_make_pdf():
        raise PdfUnavailableError
    if not _QUEUE.acquire(blocking=False):
        raise PdfBusyError
    try:
        with _LOCK:
            return _make(html.encode())
    except subprocess.TimeoutExpired as error:
        raise PdfBusyError from error
    finally:
        _QUEUE.release()


def _make(page: bytes) -> bytes:
    try:
        return _run(page=page)
    except subprocess.CalledProcessError as error:
        if error.returncode >= 0:
            raise
        # The C libraries may crash, so the worker is a separate process. Try once more; a second crash is an error.
        log.warning("pdf-again", signal=-error.returncode)
        return _run(page=page)


def _run(*options: str, page: bytes = b"") -> bytes:
    # -I: ignore the environment, and import nothing from the working directory.
    command = [sys.executable, "-I", str(PDF_WORKER), *options]
    return subprocess.run(command, input=page, capture_output=True, check=True, timeout=PDF_TIMEOUT).stdout


def _last_line(error: Exception) -> str:
    """Return the last line that the worker wrote before it failed."""
    output: bytes = getattr(error, "stderr", None) or str(error).encode()
    return output.decode(errors="replace").strip().rpartition("\n")[2][:300]
