"""Actors, tokens, idempotency keys and the audit log."""
