"""Triggers on both engines that prevent the rows of a table from being changed or deleted.

Alembic's batch mode for SQLite recreates a table without its triggers. A migration that uses batch mode on a protected
table must therefore create the triggers again.
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op


def make_append_only(table: str, unless: str = "FALSE") -> None:
    """Refuse every UPDATE and DELETE of ``table``, except an UPDATE for which the SQL condition ``unless`` is true."""
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql(table, unless)
    else:
        _on_sqlite(table, unless)


def drop_triggers(*tables: str) -> None:
    """Drop the triggers of ``make_append_only``."""
    for table in tables:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_is_append_only() CASCADE")
        else:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")


def _on_sqlite(table: str, unless: str) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({unless}) {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")


def _on_postgresql(table: str, unless: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {unless} THEN RETURN NEW; END IF; END IF; "
        f"RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    )


def protect(table: str, *, update: str = "FALSE", delete: str = "FALSE") -> None:
    """Refuse an UPDATE of ``table`` unless the SQL condition ``update`` is true, and a DELETE unless ``delete`` is."""
    if op.get_bind().dialect.name != "postgresql":
        for event, unless in (("UPDATE", update), ("DELETE", delete)):
            op.execute(
                f"CREATE TRIGGER {table}_protects_{event.lower()} BEFORE {event} ON {table} WHEN NOT ({unless}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is a public record'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_is_a_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {update} THEN RETURN NEW; END IF; END IF; "
        f"IF TG_OP = 'DELETE' THEN IF {delete} THEN RETURN OLD; END IF; END IF; "
        f"RAISE EXCEPTION '{table} is a public record' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for events, level in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_protects_{level.lower()}s BEFORE {events} ON {table} "
            f"FOR EACH {level} EXECUTE FUNCTION {table}_is_a_record()"
        )


def drop_protection(*tables: str) -> None:
    """Drop the triggers of ``protect``."""
    for table in tables:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION {table}_is_a_record() CASCADE")
        else:
            op.execute(f"DROP TRIGGER {table}_protects_update")
            op.execute(f"DROP TRIGGER {table}_protects_delete")


def guard_against_replace(table: str, keys: Sequence[Sequence[str]]) -> None:
    """Refuse to insert a row into ``table`` if a row with the same value of one of ``keys`` exists.

    SQLite's INSERT OR REPLACE deletes the old row without firing the DELETE trigger. PostgreSQL has no such statement.
    """
    if op.get_bind().dialect.name == "postgresql":
        return
    for number, key in enumerate(keys, 1):
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace_{number} BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def drop_replace_guards(table: str, keys: Sequence[Sequence[str]]) -> None:
    """Drop the triggers of ``guard_against_replace``."""
    if op.get_bind().dialect.name == "postgresql":
        return
    for number, _ in enumerate(keys, 1):
        op.execute(f"DROP TRIGGER {table}_no_replace_{number}")
