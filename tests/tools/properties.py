"""Settings of property tests: the same examples every time, and no deadline."""

from __future__ import annotations

from hypothesis import settings

steady = settings(deadline=None, derandomize=True, database=None)
