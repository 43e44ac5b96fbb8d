"""Token authentication and role checks for operations on the working copy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

from flask import Response, request

from api.domain.errors import ForbiddenError, UnauthenticatedError
from api.domain.roles import Person, Role
from api.http.context import get_context, get_request_id
from api.schemas.json_body import parse_json
from api.schemas.parser import parse_query_string
from api.schemas.query import NoQuery
from api.services.access.audit_log import AuditContext
from api.services.access.tokens import authenticate

View = Callable[..., Response]
# A function that returns the roles that may send this body, or None for all roles of the view.
RolesForBody = Callable[[Mapping[str, Any]], Collection[Role] | None]


def require_roles(
    *roles: Role, has_query: bool = False, roles_for_body: RolesForBody | None = None
) -> Callable[[View], View]:
    """Require a valid token with one of these roles. The view receives the token's Person as its first argument.

    Set ``has_query`` for views that parse a query themselves; all other views accept the parameter ``lang`` only.
    ``roles_for_body`` returns the required roles if they depend on the body.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Response:
            person = authenticate_request()
            check_roles(person, (roles_for_body(_parse_body()) if roles_for_body else None) or roles)
            if not has_query:
                parse_query_string(NoQuery, request.query_string)
            return view(person, *args, **kwargs)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]  # for the test that walks all routes
        return guarded

    return decorate


def _parse_body() -> Mapping[str, Any]:
    """Return the body, or an empty object if the body is not a JSON object.

    The view reports an invalid body later, after authorisation.
    """
    try:
        body = parse_json(request.get_data())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def authenticate_request() -> Person:
    """Return the person of the request's bearer token (RFC 6750, 2.1). Raises UnauthenticatedError."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise UnauthenticatedError(is_given=False)
    context = get_context()
    person = authenticate(context.database, secret.strip(), context.now())
    if person is None:
        raise UnauthenticatedError(is_given=True)
    return person


def check_roles(person: Person, roles: Collection[Role]) -> None:
    """Raise ForbiddenError unless the person has one of these roles. The error lists the roles."""
    if not person.roles & set(roles):
        raise ForbiddenError("role", roles=sorted(role.value for role in roles))


def start_audit(person: Person) -> AuditContext:
    """Return the audit context of this request."""
    return AuditContext(person, get_context().now(), "api", get_request_id())
