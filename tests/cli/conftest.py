"""Commands are tried on the same small booklet as the acts by API."""

from __future__ import annotations

from tests.routes.authoring.conftest import make_people, people, world, world_url

__all__ = ["make_people", "people", "world", "world_url"]
