"""What went wrong, said to an operator."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import click
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from api.domain.errors import DomainError, InvalidFolderError, NothingToReleaseError, ReleaseBlockedError
from api.http.error_handlers import to_problem
from api.services.maintenance.backup import BackupError


@contextmanager
def report_errors() -> Iterator[None]:
    """Say what was wrong in a line each, and stop with status 1."""
    try:
        yield
    except InvalidFolderError as error:
        raise click.ClickException("the folder was not loaded:\n" + "\n".join(map(str, error.issues))) from error
    except ReleaseBlockedError as error:
        lines = [f"  {b.resource}: {b.gap}{f' ({b.language})' if b.language else ''}" for b in error.blockers]
        raise click.ClickException("nothing was written; what blocks a release:\n" + "\n".join(lines)) from error
    except NothingToReleaseError as error:
        raise click.ClickException("there is nothing to release") from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database: {getattr(error, 'orig', None) or error}") from error
    except DomainError as error:
        raise click.ClickException(_say(error)) from error
    except (BackupError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _say(error: DomainError) -> str:
    """What a client of the API would be told: each thing to mend, or what is the matter."""
    with current_app.test_request_context("/", query_string={"lang": _language()}):
        told = to_problem(error)
    faults = told.get("errors", ())
    if not faults:
        return str(told["detail"])
    return "\n".join(f"{_place(fault)}{fault['detail']} ({fault['code']})" for fault in faults)


def _place(fault: Mapping[str, str]) -> str:
    place = (fault.get("pointer") or fault.get("parameter") or "").strip("/").replace("/", " ")
    return f"{place}: " if place else ""


def _language() -> str:
    """The operator's, by the locale that POSIX would take for messages."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "cy" if locale.startswith("cy") else "en"
