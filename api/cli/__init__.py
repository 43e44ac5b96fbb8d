"""The commands of whoever runs the service: ``flask --app wsgi …``. They speak English, as logs do.

They are imported when one is called: a worker that only serves pays nothing for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
from flask.cli import AppGroup

# Each command, and where it is.
COMMANDS = {
    "audit": "api.cli.authoring",
    "cdn": "api.cli.cdn",
    "content": "api.cli.content",
    "database": "api.cli.database",
    "document": "api.cli.database",
    "export": "api.cli.export",
    "release": "api.cli.authoring",
    "search": "api.cli.database",
    "serve": "api.cli.serve",
    "tokens": "api.cli.tokens",
    "units": "api.cli.authoring",
}


class Commands(AppGroup):
    """The application's commands, imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: Any = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command if isinstance(command, click.Command) else click.command(cmd_name)(command)
