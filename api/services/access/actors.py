"""Actors: the people and machines that texts and actions are attributed to."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.domain.errors import InvalidRequestError, InvalidTextError, Issue
from api.domain.folding import APOSTROPHES
from api.domain.roles import MACHINES, Person
from api.domain.text import clean_name
from api.models import Actor


def normalise_name(name: str) -> str:
    """Return the name in the form in which it is stored and compared: cleaned, case-folded, NFC.

    Raises InvalidRequestError for an invalid name.
    """
    try:
        return unicodedata.normalize("NFC", clean_name(name).casefold())
    except InvalidTextError as error:
        raise InvalidRequestError([Issue(error.code, pointer="/name", data=error.data)]) from error


def is_named(column: Any, name: str) -> ColumnElement[bool]:
    """Return the condition that the name in ``column`` is ``name``, in any case and with any kind of apostrophe."""
    apostrophes = [character for character in APOSTROPHES if character != "'"]
    spelled = name.casefold()
    for apostrophe in apostrophes:
        spelled = spelled.replace(apostrophe, "'")
    if "'" in spelled:
        # Few names have an apostrophe. For all other names, the query calls no function for each row.
        for apostrophe in apostrophes:
            column = func.replace(column, apostrophe, "'")
    condition: ColumnElement[bool] = column == spelled
    return condition


def get_or_create_actor(session: Session, name: str, kind: str = "person") -> Person:
    """Return the actor called ``name``; create the actor if necessary.

    The returned person has no roles. Names that differ only in case or in Unicode composition belong to the same
    actor. Raises InvalidRequestError for an invalid name.
    """
    name = normalise_name(name)
    kind = "machine" if name in MACHINES else kind
    query = select(Actor.id).where(Actor.name == name)
    actor_id = session.scalar(query)
    if actor_id is None:
        # If another transaction is inserting the same actor, this statement waits until it has finished, and the next
        # statement reads the inserted row.
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(Actor).values(name=name, kind=kind).on_conflict_do_nothing())
        actor_id = session.scalars(query).one()
    return Person(actor_id, name, frozenset())
