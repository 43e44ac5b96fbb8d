"""How property tests run: the same examples every time, and no clock to fail on a busy machine."""

from __future__ import annotations

from hypothesis import settings

steady = settings(deadline=None, derandomize=True, database=None)
