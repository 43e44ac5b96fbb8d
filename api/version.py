"""The version of the product, which pyproject.toml defines."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import metadata

from api.settings import IS_CHECKOUT, ROOT

DISTRIBUTION = "eiliadau-hud"


@cache
def read_version() -> str:
    """Return the version of the checkout, or of the installed package (PEP 440)."""
    if IS_CHECKOUT:
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version(DISTRIBUTION)
