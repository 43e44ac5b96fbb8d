"""The command that starts the service: ``make run`` and ``python -m api.cli.serve``.

If there is nothing to migrate and nothing to load, the command imports only a few modules, and starts Granian at once.
"""

from __future__ import annotations

import os
import sys

import click

from api.cli.port import check_metrics_port, claim_port
from api.cli.preflight import is_prepared
from api.setting_rules import InvalidSettingError
from api.settings import ROOT, Settings, find_metrics_directory, read_settings

# Limit glibc’s per-thread memory arenas, which waste memory. The operator's environment overrides this value.
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}


def start_service() -> None:
    """Start the service. First, migrate the database, and load the first booklet if there is no content."""
    try:
        settings = read_settings()
        claim_port(settings.host, settings.port)
        if settings.metrics_port:
            check_metrics_port(settings.metrics_host, settings.metrics_port)
        if not is_prepared(settings):
            from api.cli.prepare import prepare  # noqa: PLC0415  # needed only if there is something to prepare

            prepare(settings)
    except InvalidSettingError as error:
        raise SystemExit(str(error)) from None
    except click.ClickException as error:
        raise SystemExit(error.format_message()) from None
    if settings.metrics_port:
        _delete_counters(settings.metrics_port)
    _print_calls(settings.public_url)
    os.chdir(ROOT)
    arguments = [sys.executable, "-m", "granian", *granian_arguments(settings)]
    os.execve(sys.executable, arguments, ENVIRONMENT | os.environ)


def granian_arguments(settings: Settings) -> list[str]:
    """Return the command-line arguments with which this command starts Granian.

    A supervisor that starts Granian without this command can use the same arguments.
    """
    return [
        "--interface", "wsgi", "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.workers), "--blocking-threads", str(settings.blocking_threads),
        "--http", "1", "--no-ws", "--backlog", "1024",
        # Replace workers that die, and kill workers that do not stop within 30 seconds.
        "--respawn-failed-workers", "--workers-kill-timeout", "30",
        "--no-access-log", "--log-level", "warning", "api.serving:application",
    ]  # fmt: skip


def _delete_counters(port: int) -> None:
    """Delete the counters that the workers of an earlier run left."""
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


serve = start_service

if __name__ == "__main__":
    start_service()
