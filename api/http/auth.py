"""The guard at every door behind which something can be changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

from flask import Response, request

from api.domain.errors import Forbidden, Unauthenticated
from api.domain.roles import Person, Role
from api.http.context import get_request_id, get_service
from api.schemas.parser import ArgumentsParser
from api.schemas.query import NoQuery
from api.services.access.actors import Act
from api.services.access.tokens import authenticate

View = Callable[..., Response]
_PARSER = ArgumentsParser()


Narrow = Callable[[Mapping[str, Any]], Collection[Role] | None]


def guard(*roles: Role, has_query: bool = False, narrow: Narrow | None = None) -> Callable[[View], View]:
    """Let nobody in without a valid token that has one of these roles. The view takes the Person first.

    Unless the view reads a query of its own (``has_query``), none but ``lang`` is taken. Where the body decides which
    of the roles would do, ``narrow`` says: None for a body that says nothing of it.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Response:
            person = get_person()
            require(person, (narrow(_peek()) if narrow else None) or roles)
            if not has_query:
                _PARSER.parse(NoQuery(), request, location="query")
            return view(person, *arguments, **named)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]  # for the test that walks all routes
        return guarded

    return mark


def _peek() -> Mapping[str, Any]:
    """The body, if it is a JSON object; what is wrong with it is told later, to those who may come in."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def get_person() -> Person:
    """Whose token the request carries (RFC 6750, 2.1). Raises Unauthenticated."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated(is_given=False)
    service = get_service()
    person = authenticate(service.database, secret.strip(), service.now())
    if person is None:
        raise Unauthenticated(is_given=True)
    return person


def require(person: Person, roles: Collection[Role]) -> None:
    """Raises Forbidden, naming the roles that would do, unless the person has one of them."""
    if not person.roles & set(roles):
        raise Forbidden("role", roles=sorted(role.value for role in roles))


def begin(person: Person) -> Act:
    """The act of this request."""
    return Act(person.actor_id, get_service().now(), "api", get_request_id())
