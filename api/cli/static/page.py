"""The pages of a static export, and the names of their files."""

from __future__ import annotations

from dataclasses import dataclass

# The file name for a URL without a query. No slug can have this name.
NO_QUERY = "_"


@dataclass(frozen=True, slots=True)
class ExportedPage:
    """A response to write as a file."""

    path: str
    query: str
    body: bytes

    @property
    def file(self) -> str:
        """The file's name relative to the export: the path becomes a folder, and the query becomes a file in it."""
        return file_name(self.path, self.query)


@dataclass(frozen=True, slots=True)
class Alias:
    """A second name of an exported file or folder; both names are relative to the export."""

    file: str
    target: str


@dataclass(frozen=True, slots=True)
class RetiredPath:
    """The path of a former slug: it redirects to ``location``, or returns 410 if ``location`` is None."""

    path: str
    location: str | None


def file_name(path: str, query: str = "") -> str:
    """Return the name of the file that contains the response to this URL."""
    return f"{path.lstrip('/')}/{query or NO_QUERY}"
