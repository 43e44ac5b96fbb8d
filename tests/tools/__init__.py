"""Helpers for the tests, which the service does not need."""
