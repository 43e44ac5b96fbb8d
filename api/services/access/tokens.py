"""Tokens: create, authenticate, list, revoke. Only their hashes are stored."""

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
from api.domain.actions import AuditAction
from api.domain.document import format_time
from api.domain.errors import DatabaseUnavailableError, InvalidRequestError, Issue, TokenNotFoundError
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.domain.roles import MACHINES, Person, Role
from api.models import Actor, Token
from api.services.access.actors import get_or_create_actor, normalise_name
from api.services.access.audit_log import AuditContext, record_audit

# The first letters of every token. Secret scanners and people who read logs recognise tokens by these letters.
MARK = "eih"
_PREFIX_BYTES, _SECRET_BYTES = 5, 32
# Recording every use would turn every read into a write.
LAST_USE_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret, which is available only when the token is created."""

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
    """Create a token for the person called ``name``.

    Raises InvalidRequestError if the name is invalid or belongs to a machine, if there are no roles, or if
    ``expires_at`` is in the past.
    """
    if not roles:
        raise InvalidRequestError([Issue(IssueCode.REQUIRED, pointer="/roles")])
    name = normalise_name(name)
    if name in MACHINES:
        raise InvalidRequestError([Issue(IssueCode.RESERVED_NAME, pointer="/name", data={"value": name})])
    if expires_at is not None and expires_at <= audit.at:
        raise InvalidRequestError([Issue(IssueCode.EXPIRES_IN_THE_PAST, pointer="/expires")])
    prefix = f"{MARK}_{secrets.token_hex(_PREFIX_BYTES)}"
    secret = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    values = {
        "actor_id": get_or_create_actor(session, name).actor_id,
        "prefix": prefix,
        "hash": _hash(secret),
        "roles": sorted({role.value for role in roles}),
        "language": language.value if language else None,
        "created_at": audit.at,
        "expires_at": expires_at,
    }
    token_id = session.execute(insert(Token).values(**values).returning(Token.id)).scalar_one()
    detail = {"name": name, "roles": values["roles"], "language": values["language"]}
    record_audit(session, audit, AuditAction.TOKEN_CREATE, prefix, detail=detail)
    return NewToken(token_id, prefix, secret)


def _hash(secret: str) -> str:
    # A slow hash would delay every request. The secret has 256 random bits, so a fast hash is safe.
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(database: Database, secret: str, at: datetime) -> Person | None:
    """Return the person that a token belongs to; None if the token is unknown, revoked or expired.

    The use of a token is recorded at most once a minute.
    """
    prefix = secret[: len(MARK) + 1 + 2 * _PREFIX_BYTES]
    with database.reading() as session:
        query = select(Token, Actor.name).join(Actor, Actor.id == Token.actor_id).where(Token.prefix == prefix)
        row = session.execute(query).first() if _is_plausible(secret) else None
        # Compare in constant time, even if there is no such token, so that timing does not reveal which prefixes exist.
        stored_hash = row.Token.hash if row else _hash("nobody")
        is_match = hmac.compare_digest(stored_hash, _hash(secret.encode("utf-8", "replace").decode()))
        if row is None or not is_match or not _is_valid(row.Token, at):
            return None
        token, name = row
        person = Person(
            token.actor_id,
            name,
            frozenset(map(Role, token.roles)),
            Language(token.language) if token.language else None,
        )
        token_id, last_used_at = token.id, token.last_used_at
    if last_used_at is None or at - last_used_at >= LAST_USE_STEP:
        # Skip the update if the database is locked; the next use will record it.
        with suppress(DatabaseUnavailableError), database.writing(wait=False) as session:
            session.execute(update(Token).where(Token.id == token_id).values(last_used_at=at))
    return person


def _is_plausible(secret: str) -> bool:
    return secret.isascii() and secret.isprintable() and len(secret) < 200


def _is_valid(token: Token, at: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > at)


def has_ever_had_role(session: Session, actor_id: int, role: Role) -> bool:
    """Return whether any token of this person has this role. Expired and revoked tokens count."""
    return any(role.value in roles for roles in session.scalars(select(Token.roles).where(Token.actor_id == actor_id)))


def list_tokens(session: Session) -> list[dict[str, Any]]:
    """Return all tokens, newest first, without secrets or hashes."""
    query = select(Token, Actor.name).join(Actor, Actor.id == Token.actor_id).order_by(Token.id.desc())
    return [describe_token(token, name) for token, name in session.execute(query)]


def describe_token(token: Token, name: str) -> dict[str, Any]:
    """Return a token as the API sends it."""
    times = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "prefix": token.prefix,
        "name": name,
        "roles": token.roles,
        "language": token.language,
        **{field: format_time(at) if (at := getattr(token, field)) else None for field in times},
    }


def get_token(session: Session, prefix: str) -> dict[str, Any]:
    """Return the token with this prefix. Raises TokenNotFoundError."""
    query = select(Token, Actor.name).join(Actor, Actor.id == Token.actor_id).where(Token.prefix == prefix)
    row = session.execute(query).first()
    if row is None:
        raise TokenNotFoundError(prefix)
    return describe_token(row.Token, row.name)


def revoke_token(session: Session, audit: AuditContext, prefix: str) -> None:
    """Revoke a token. A token that is already revoked does not change. Raises TokenNotFoundError."""
    get_token(session, prefix)
    revoke = update(Token).where(Token.prefix == prefix, Token.revoked_at.is_(None)).values(revoked_at=audit.at)
    if session.execute(revoke.returning(Token.id)).first() is not None:
        record_audit(session, audit, AuditAction.TOKEN_REVOKE, prefix)


def parse_lifetime(text: str, now: datetime | None = None) -> datetime:
    """Return the end of a lifetime that starts at ``now``.

    ``text`` is a number of days, hours or minutes, such as ``90d``, ``12h`` or ``30m``. Raises InvalidRequestError.
    """
    units = {"d": "days", "h": "hours", "m": "minutes"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not (number.isascii() and number.isdigit() and len(number) < 6 and int(number) > 0):
        raise InvalidRequestError([Issue(IssueCode.UNREADABLE_LIFETIME, pointer="/expires")])
    return (now or datetime.now(UTC)) + timedelta(**{units[unit]: int(number)})
