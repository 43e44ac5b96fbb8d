"""The ``tokens`` commands: create, list and revoke."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from api.cli.language_option import LanguageOption
from api.cli.report_errors import report_errors
from api.domain.language import Language
from api.domain.roles import Role
from api.http.context import get_context
from api.services.access.audit_log import make_audit_context
from api.services.access.tokens import create_token, list_tokens, parse_lifetime, revoke_token

tokens = AppGroup("tokens", help="Create, list and revoke tokens.")

_AS = click.option("--as", "actor", default="operator", show_default=True, help="The actor to record in the audit log.")


@tokens.command("create")
@click.option("--name", required=True, help="The person’s name. Tokens with the same name belong to one person.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="A role; may be repeated.",
)
@click.option(
    "--language",
    type=LanguageOption(),
    default=None,
    help="The only language in which the token may write texts.  [default: both]",
)
@click.option("--expires", default=None, metavar="90d", help="Lifetime, such as 90d or 12h.  [default: no limit]")
@_AS
def create(name: str, roles: tuple[str, ...], language: str | None, expires: str | None, actor: str) -> None:
    """Create a token and print it on the last line."""
    with report_errors(), get_context().database.writing() as session:
        audit = make_audit_context(session, actor, "cli")
        expires_at = parse_lifetime(expires, audit.at) if expires else None
        limit = Language(language) if language else None
        token = create_token(
            session, audit, name, [Role(role) for role in roles], language=limit, expires_at=expires_at
        )
    until = f", until {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else ""
    click.echo(f"{token.prefix}: {name}, {', '.join(roles)}{until}")
    click.echo("Copy the token now; it cannot be shown again.")
    click.echo(token.secret)


@tokens.command("list")
def show() -> None:
    """List all tokens, without their secrets."""
    with report_errors(), get_context().database.reading() as session:
        items = list_tokens(session)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for token in items:
        state = "valid"
        if token["revoked_at"]:
            state = f"revoked {token['revoked_at']}"
        elif token["expires_at"] and token["expires_at"] <= now:
            state = f"expired {token['expires_at']}"
        limit = token["language"] or "cy, en"
        used = token["last_used_at"] or "never"
        click.echo(f"{token['prefix']}  {token['name']}  {', '.join(token['roles'])}  {limit}  {state}  used {used}")


@tokens.command("revoke")
@click.argument("prefix")
@_AS
def revoke(prefix: str, actor: str) -> None:
    """Revoke the token with this PREFIX."""
    with report_errors(), get_context().database.writing() as session:
        revoke_token(session, make_audit_context(session, actor, "cli"), prefix)
    click.echo(f"{prefix} is revoked")
