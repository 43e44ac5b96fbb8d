"""QR codes of public URLs."""

from __future__ import annotations

from io import BytesIO

import segno

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode

# In bytes: the largest QR code (version 40) with error correction level Q (ISO/IEC 18004, table 7). URLs are ASCII.
MAX_QR_CODE_URL = 1_663


def fits_qr_code(url: str) -> bool:
    """Return whether a QR code can hold this URL."""
    return len(url) <= MAX_QR_CODE_URL


def draw_qr_code(url: str) -> bytes:
    """Return a QR code as SVG, with error correction level Q and the quiet zone that scanners need.

    Raises InvalidRequestError if the URL is too long. Only sessions of many moments have URLs of that length.
    """
    if not fits_qr_code(url):
        data = {"length": len(url), "limit": MAX_QR_CODE_URL}
        raise InvalidRequestError([Issue(IssueCode.TOO_LONG_FOR_QR_CODE, parameter="moments", data=data)])
    out = BytesIO()
    segno.make_qr(url, error="q").save(
        out, kind="svg", border=4, light="#fff", xmldecl=True, svgns=True, omitsize=True, nl=False
    )
    return out.getvalue()
