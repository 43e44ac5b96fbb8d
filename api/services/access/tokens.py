"""Tokens: made, shown once, found again by their hash, revoked."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.document import format_time
from api.domain.errors import (
    DatabaseUnavailableError,
    InvalidRequestError,
    InvalidTokenRequestError,
    Issue,
    TokenNotFoundError,
)
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.roles import MACHINES, Person, Role
from api.models import Actor, Token
from api.services.access.actors import get_or_create_actor, normalise_name
from api.services.access.audit_log import AuditContext, record_audit

# A secret scanner, and a person who finds one in a log, must know it for what it is.
MARK = "eih"
_PREFIX_BYTES, _SECRET_BYTES = 5, 32
# Writing the last use at every request would make every read a write.
LAST_USE_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token at the one moment at which its secret is known."""

    id: int
    prefix: str
    secret: str


def create_token(
    session: Session,
    audit: AuditContext,
    name: str,
    roles: Sequence[Role],
    *,
    language: Language | None = None,
    expires_at: datetime | None = None,
) -> NewToken:
    """A new token of the person called ``name``. Raises TokenRefused for no role, or an expiry that is past.

    RequestRefused for what cannot be a name, or is a machine's.
    """
    name = normalise_name(name)
    if name in MACHINES:
        raise InvalidRequestError([Issue(IssueCode.RESERVED_NAME, pointer="/name", data={"value": name})])
    if not roles:
        raise InvalidTokenRequestError(IssueCode.REQUIRED)
    if expires_at is not None and expires_at <= audit.at:
        raise InvalidTokenRequestError(IssueCode.EXPIRES_IN_THE_PAST)
    prefix = f"{MARK}_{secrets.token_hex(_PREFIX_BYTES)}"
    secret = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    values = {
        "actor_id": get_or_create_actor(session, name),
        "prefix": prefix,
        "hash": _hash(secret),
        "roles": sorted({role.value for role in roles}),
        "language": language.value if language else None,
        "created_at": audit.at,
        "expires_at": expires_at,
    }
    token_id = session.execute(insert(Token).values(**values).returning(Token.id)).scalar_one()
    detail = {"name": name, "roles": values["roles"], "language": values["language"]}
    record_audit(session, audit, "token-create", prefix, detail=detail)
    return NewToken(token_id, prefix, secret)


def _hash(secret: str) -> str:
    # The secret has 256 bits of its own: a slow hash would protect nothing, and cost every request.
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(database: Database, secret: str, at: datetime) -> Person | None:
    """Whose token this is; None for one that is unknown, revoked or expired. Records the use, once a minute."""
    prefix = secret[: len(MARK) + 1 + 2 * _PREFIX_BYTES]
    with database.reading() as session:
        query = select(Token, Actor.name).join(Actor, Actor.id == Token.actor_id).where(Token.prefix == prefix)
        row = session.execute(query).first() if _is_plausible(secret) else None
        # Compared in constant time, and compared at all, whether or not there is such a token.
        known = row[0].hash if row else _hash("nobody")
        is_right = hmac.compare_digest(known, _hash(secret.encode("utf-8", "replace").decode()))
        if row is None or not is_right or not _is_valid(row[0], at):
            return None
        token, name = row
        person = Person(
            token.actor_id,
            name,
            frozenset(map(Role, token.roles)),
            Language(token.language) if token.language else None,
        )
        token_id, last = token.id, token.last_used_at
    if last is None or at - last >= LAST_USE_STEP:
        # Nobody is kept from reading because somebody else writes: then the next use is recorded.
        with suppress(DatabaseUnavailableError), database.writing(is_patient=False) as session:
            session.execute(update(Token).where(Token.id == token_id).values(last_used_at=at))
    return person


def _is_plausible(secret: str) -> bool:
    return secret.isascii() and secret.isprintable() and len(secret) < 200


def _is_valid(token: Token, at: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > at)


def has_ever_had_role(session: Session, actor_id: int, role: Role) -> bool:
    """Has this person, or had they, a token with this role?"""
    return any(role.value in roles for roles in session.scalars(select(Token.roles).where(Token.actor_id == actor_id)))


def list_tokens(session: Session) -> list[dict[str, Any]]:
    """All tokens, newest first; never a secret, never a hash."""
    query = select(Token, Actor.name).join(Actor, Actor.id == Token.actor_id).order_by(Token.id.desc())
    return [describe_token(token, name) for token, name in session.execute(query)]


def describe_token(token: Token, name: str) -> dict[str, Any]:
    times = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "prefix": token.prefix,
        "name": name,
        "roles": token.roles,
        "language": token.language,
        **{field: format_time(at) if (at := getattr(token, field)) else None for field in times},
    }


def get_token(session: Session, prefix: str) -> dict[str, Any]:
    """The token with this prefix. Raises UnknownToken."""
    query = select(Token, Actor.name).join(Actor, Actor.id == Token.actor_id).where(Token.prefix == prefix)
    row = session.execute(query).first()
    if row is None:
        raise TokenNotFoundError(prefix)
    return describe_token(row[0], row[1])


def revoke_token(session: Session, audit: AuditContext, prefix: str) -> None:
    """Make a token useless from now on. Raises UnknownToken; one that is revoked already stays so, without a word."""
    get_token(session, prefix)
    revoke = update(Token).where(Token.prefix == prefix, Token.revoked_at.is_(None)).values(revoked_at=audit.at)
    if session.execute(revoke.returning(Token.id)).first() is not None:
        record_audit(session, audit, "token-revoke", prefix)


def parse_lifetime(text: str, now: datetime | None = None) -> datetime:
    """When something that lives for ``90d``, ``12h`` or ``30m`` ends. Raises TokenRefused."""
    units = {"d": "days", "h": "hours", "m": "minutes"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not (number.isascii() and number.isdigit() and len(number) < 6 and int(number) > 0):
        raise InvalidTokenRequestError(IssueCode.UNREADABLE_LIFETIME)
    return (now or datetime.now(UTC)) + timedelta(**{units[unit]: int(number)})
