"""Starting the service: ``make run`` and ``python -m api.cli.serve``.

A start that has nothing to migrate and nothing to load imports little, and hands over to Granian at once.
"""

from __future__ import annotations

import os
import sys

import click

from api.cli.preflight import is_prepared
from api.settings import ROOT, InvalidSettingError, Settings, find_metrics_directory, read_settings

# A pool of memory for each thread keeps what none of them uses. Who knows better says so.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}


def main() -> None:
    """Migrate the database, load the first booklet if there is none, and serve."""
    try:
        settings = read_settings()
    except InvalidSettingError as error:
        raise SystemExit(str(error)) from error
    if not is_prepared(settings):
        from api.cli.prepare import prepare  # noqa: PLC0415  # the first start alone pays for it

        try:
            prepare(settings)
        except click.ClickException as error:
            raise SystemExit(error.format_message()) from None
    if settings.metrics_port:
        _forget_figures(settings.metrics_port)
    _print_calls(settings.public_url)
    os.chdir(ROOT)
    arguments = [sys.executable, "-m", "granian", *granian_arguments(settings)]
    os.execve(sys.executable, arguments, ENVIRONMENT | os.environ)


def granian_arguments(settings: Settings) -> list[str]:
    """How Granian is told to serve: by ``main``, by the tests, and by whoever runs it under a supervisor."""
    return [
        "--interface", "wsgi", "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.workers), "--blocking-threads", str(settings.blocking_threads),
        "--http", "1", "--no-ws", "--backlog", "1024",
        # A worker that dies is replaced; one that does not end when told to is ended.
        "--respawn-failed-workers", "--workers-kill-timeout", "30",
        "--no-access-log", "--log-level", "warning", "api.serving:application",
    ]  # fmt: skip


def _forget_figures(port: int) -> None:
    """Take away what the workers of an earlier start counted."""
    for file in find_metrics_directory(port).glob("*.db"):
        file.unlink(missing_ok=True)


def _print_calls(public_url: str) -> None:
    click.echo(
        f"Serving on {public_url} . Three calls to try:\n"
        f"  curl -s '{public_url}/v1/moments/all-he-wanted-was-a-cwtch?lang=cy'\n"
        f"  curl -s '{public_url}/v1/prompts?stage=response&lang=cy'\n"
        f"  curl -s '{public_url}/v1/translation-status'\n"
        f"The documentation is at {public_url}/docs ."
    )


serve = main

if __name__ == "__main__":
    main()
