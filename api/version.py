"""The version of the product, which pyproject.toml defines."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import metadata

from api.settings import ROOT

DISTRIBUTION = "eiliadau-hud"


@cache
def read_version() -> str:
    """Return the version of the installed package, or that of the checkout if none is installed (PEP 440)."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["version"])
