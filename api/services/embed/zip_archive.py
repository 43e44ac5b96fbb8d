"""Files in one archive whose bytes depend on nothing but them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

# The first moment that the format knows: when a file was packed is nobody's business.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of ``files``, in their order. The same files are the same bytes, on every machine.

    They are stored as they are: what compression makes of them differs from one zlib to the next.
    """
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name, _NO_TIME)
            entry.external_attr = _READABLE
            entry.create_system = 3
            archive.writestr(entry, data)
    return out.getvalue()
