"""The reference application for a server; settings come from the environment."""

from __future__ import annotations

from api.settings import read_settings
from bench.reference import create_reference

reference = create_reference(read_settings())
