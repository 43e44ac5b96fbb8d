"""Documented calls and their responses, read from Markdown and compared with the service."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.settings import ROOT

FLASK = ".venv/bin/flask "
BASE = "http://127.0.0.1:8000"
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
# Matches a JSON string, which is kept, or an ellipsis outside strings, which is removed.
_LEFT_OUT = re.compile(r'("(?:[^"\\]|\\.)*")|,?\s*…')


@dataclass(frozen=True)
class Call:
    """A ``curl`` call on a page, with the response that the page shows."""

    page: str
    url: str
    headers: dict[str, str]
    method: str
    status: int
    shown_headers: dict[str, str] = field(hash=False)
    body: Any = field(hash=False)

    def __str__(self) -> str:
        return f"{self.page}: {self.url}"


def pages() -> list[Path]:
    """Return every hand-written page of the project."""
    own = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "content").glob("*/README.md")]
    return sorted(own)


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return the language and the dedented text of each fenced block of a page.

    Tests run ``flask`` in their own process, without the path of the environment that the page names.
    """
    text = page.read_text(encoding="utf-8").replace(FLASK, "flask ")
    return [(match[1], _dedent(match[2])) for match in _BLOCK.finditer(text)]


def _dedent(text: str) -> str:
    indent = len(text) - len(text.lstrip(" "))
    return "\n".join(line[indent:] if line[:indent].isspace() else line for line in text.splitlines())


def commands(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each command of a page's console blocks, and the output that the page shows for the command."""
    for language, text in blocks(page):
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                yield command, shown


def calls(page: Path) -> Iterator[Call]:
    """Yield each ``curl`` call of a page."""
    for command, shown in commands(page):
        if command.startswith("curl "):
            yield _read_call(page.name, command, shown)


def _read_call(page: str, command: str, shown: str) -> Call:
    words = shlex.split(command)[1:]
    url = next(word for word in words if word.startswith(BASE))
    header_lines = [words[index + 1] for index, word in enumerate(words) if word == "-H"]
    options = "".join(word for word in words if re.fullmatch(r"-[a-zA-Z]+", word))
    status, headers = 200, {}
    if shown.startswith("HTTP/"):
        head, _, shown = shown.partition("\n\n")
        first, *lines = head.splitlines()
        status = int(first.split()[1])
        headers = dict(line.split(": ", 1) for line in lines)
    body = json.loads(_LEFT_OUT.sub(lambda match: match[1] or "", shown)) if shown.strip() else None
    method = "HEAD" if "I" in options else "GET"
    return Call(page, url, dict(line.split(": ", 1) for line in header_lines), method, status, headers, body)


def send(client: FlaskClient, url: str, headers: dict[str, str] | None = None, method: str = "GET") -> TestResponse:
    """Return the service's response to a documented call."""
    parts = urlsplit(url)
    return client.open(f"{parts.path}?{parts.query}" if parts.query else parts.path, method=method, headers=headers)


def list_differences(shown: Any, real: Any, where: str = "answer") -> Iterator[str]:
    """Yield the differences between the shown and the real response. A page may shorten a response with ``…``."""
    if isinstance(shown, dict):
        if not isinstance(real, dict):
            yield f"{where} is {real!r}"
            return
        for name, value in shown.items():
            if name in real:
                yield from list_differences(value, real[name], f"{where}.{name}")
            else:
                yield f"{where} has no {name}"
    elif isinstance(shown, list):
        if not isinstance(real, list) or len(real) < len(shown) or (real and not shown):
            yield f"{where} is {real!r}"
            return
        for index, value in enumerate(shown):
            yield from list_differences(value, real[index], f"{where}[{index}]")
    elif isinstance(shown, str) and shown.endswith("…"):
        if not isinstance(real, str) or not real.startswith(shown.removesuffix("…")):
            yield f"{where} is {real!r}, not {shown!r}"
    elif shown != real:
        yield f"{where} is {real!r}, not {shown!r}"
