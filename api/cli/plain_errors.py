"""What went wrong, said to an operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError

from api.domain.errors import DomainError, FolderRefused, NothingToRelease, ReleaseBlocked
from api.services.content.backup import BackupRefused


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what was wrong in a line each, and stop with status 1."""
    try:
        yield
    except FolderRefused as error:
        raise click.ClickException("the folder was not loaded:\n" + "\n".join(map(str, error.faults))) from error
    except ReleaseBlocked as error:
        lines = [f"  {b.resource}: {b.gap}{f' ({b.language})' if b.language else ''}" for b in error.blockers]
        raise click.ClickException("nothing was written; what blocks a release:\n" + "\n".join(lines)) from error
    except NothingToRelease as error:
        raise click.ClickException("there is nothing to release") from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database: {getattr(error, 'orig', None) or error}") from error
    except (DomainError, BackupRefused, OSError) as error:
        raise click.ClickException(f"{type(error).__name__}: {error}") from error
