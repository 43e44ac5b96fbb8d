"""Errors of commands, reported to the operator."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click
from alembic.util import CommandError
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from api.db.error_messages import describe_database_error
from api.domain.errors import (
    DatabaseUnavailableError,
    DomainError,
    InvalidFolderError,
    NothingToReleaseError,
    ReleaseBlockedError,
)
from api.http.domain_problems import to_problem
from api.services.maintenance.backup import BackupError


@contextmanager
def report_errors() -> Iterator[None]:
    """Report an error as one or more lines without a traceback, and exit with status 1."""
    try:
        yield
    except InvalidFolderError as error:
        raise click.ClickException("the folder was not loaded:\n" + "\n".join(map(str, error.issues))) from error
    except ReleaseBlockedError as error:
        lines = [f"  {b.resource}: {b.gap}{f' ({b.language})' if b.language else ''}" for b in error.blockers]
        raise click.ClickException("nothing was written; the release is blocked by:\n" + "\n".join(lines)) from error
    except NothingToReleaseError as error:
        raise click.ClickException("there is nothing to release") from error
    except SQLAlchemyError as error:
        raise click.ClickException(describe_database_error(error)) from error
    except DatabaseUnavailableError as error:
        raise click.ClickException(describe_database_error(error.__cause__ or error)) from error
    except DomainError as error:
        raise click.ClickException(_describe(error)) from error
    except CommandError as error:
        advice = "; a newer version of the service made this database" if "locate revision" in str(error) else ""
        raise click.ClickException(f"{error}{advice}") from error
    except (BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _describe(error: DomainError) -> str:
    """Return the API's message for this error: a line for each issue, or the problem's ``detail`` if there are none."""
    with current_app.test_request_context("/", query_string={"lang": _read_language()}):
        problem = to_problem(error)
    issues = problem.get("errors", ())
    if not issues:
        return str(problem["detail"])
    return "\n".join(f"{_describe_position(issue)}{issue['detail']} ({issue['code']})" for issue in issues)


def _describe_position(issue: Mapping[str, str]) -> str:
    position = (issue.get("pointer") or issue.get("parameter") or "").strip("/").replace("/", " ")
    return f"{position}: " if position else ""


def _read_language() -> str:
    """Return the operator's language, from the POSIX environment variables for the language of messages."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "cy" if locale.startswith("cy") else "en"
