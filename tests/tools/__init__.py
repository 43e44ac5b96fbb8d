"""Helpers for the tests. The service does not import them."""
