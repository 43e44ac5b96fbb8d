"""The newest migration in the code: asked before anything else at every start, so it must cost nothing."""

from __future__ import annotations

from api.settings import ROOT

VERSIONS = ROOT / "migrations" / "versions"


def newest_migration() -> str:
    """The newest migration in the code: they are numbered, and a file's name is the revision's id."""
    return max(file.stem for file in VERSIONS.glob("[0-9]*.py"))
