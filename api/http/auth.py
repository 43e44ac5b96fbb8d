"""The guard at every door behind which something can be changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

from flask import Response, request

from api.domain.errors import ForbiddenError, UnauthenticatedError
from api.domain.roles import Person, Role
from api.http.context import get_context, get_request_id
from api.schemas.parser import ArgumentsParser
from api.schemas.query import NoQuery
from api.services.access.actors import AuditContext
from api.services.access.tokens import authenticate

View = Callable[..., Response]
_PARSER = ArgumentsParser()


RolesForBody = Callable[[Mapping[str, Any]], Collection[Role] | None]


def require_roles(*roles: Role, has_query: bool = False, narrow: RolesForBody | None = None) -> Callable[[View], View]:
    """Let nobody in without a valid token that has one of these roles. The view takes the Person first.

    Unless the view reads a query of its own (``has_query``), none but ``lang`` is taken. Where the body decides which
    of the roles would do, ``narrow`` says: None for a body that says nothing of it.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Response:
            person = authenticate_request()
            check_roles(person, (narrow(_parse_body()) if narrow else None) or roles)
            if not has_query:
                _PARSER.parse(NoQuery(), request, location="query")
            return view(person, *arguments, **named)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]  # for the test that walks all routes
        return guarded

    return mark


def _parse_body() -> Mapping[str, Any]:
    """The body, if it is a JSON object; what is wrong with it is told later, to those who may come in."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def authenticate_request() -> Person:
    """Whose token the request carries (RFC 6750, 2.1). Raises Unauthenticated."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise UnauthenticatedError(is_given=False)
    context = get_context()
    person = authenticate(context.database, secret.strip(), context.now())
    if person is None:
        raise UnauthenticatedError(is_given=True)
    return person


def check_roles(person: Person, roles: Collection[Role]) -> None:
    """Raises Forbidden, naming the roles that would do, unless the person has one of them."""
    if not person.roles & set(roles):
        raise ForbiddenError("role", roles=sorted(role.value for role in roles))


def start_audit(person: Person) -> AuditContext:
    """The act of this request."""
    return AuditContext(person.actor_id, get_context().now(), "api", get_request_id())
