"""Reproducible ZIP archives."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

# The earliest time that the format can hold.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP archive of ``files``, in their order. The same files give the same bytes on every machine.

    The files are not compressed, since different versions of zlib compress differently.
    """
    out = BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name, _NO_TIME)
            entry.external_attr = _READABLE
            entry.create_system = 3
            archive.writestr(entry, data)
    return out.getvalue()
