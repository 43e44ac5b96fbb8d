"""Fixtures for the command tests, which use the small booklet of the authoring API's tests."""

from __future__ import annotations

from tests.routes.authoring.conftest import actors, make_actors, seed, seeded_url

__all__ = ["actors", "make_actors", "seed", "seeded_url"]
