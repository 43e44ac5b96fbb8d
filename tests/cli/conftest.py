"""Fixtures for the commands: the same small booklet as for the tests of the authoring API."""

from __future__ import annotations

from tests.routes.authoring.conftest import actors, make_actors, seed, seeded_url

__all__ = ["actors", "make_actors", "seed", "seeded_url"]
