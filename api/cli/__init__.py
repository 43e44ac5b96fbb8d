"""The commands for operators: ``flask --app wsgi …``. Their output is in English, as logs are.

The module of a command is imported when the command is called, so that workers do not load it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
from flask.cli import AppGroup

# Commands and their modules.
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
    "version": "api.cli.version",
}


class Commands(AppGroup):
    """The commands of the application. The module of a command is imported when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: Any = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command if isinstance(command, click.Command) else click.command(cmd_name)(command)
