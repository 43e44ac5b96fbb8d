"""Calls and their answers as the pages show them: read from the markdown, and held against the service."""

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

BASE = "http://127.0.0.1:8000"
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
# A text, or the sign for what was left out between texts.
_LEFT_OUT = re.compile(r'("(?:[^"\\]|\\.)*")|,?\s*…')


@dataclass(frozen=True)
class Call:
    """One ``curl`` of a page, and what the page says that comes back."""

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
    """Every page of the project that people wrote."""
    own = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "content").glob("*/README.md")]
    return sorted(own)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page, each with its language, without the indentation of a list."""
    return [(match[1], _dedent(match[2])) for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))]


def _dedent(text: str) -> str:
    indent = len(text) - len(text.lstrip(" "))
    return "\n".join(line[indent:] if line[:indent].isspace() else line for line in text.splitlines())


def commands(page: Path) -> Iterator[tuple[str, str]]:
    """Each command of a page's console blocks, and what is shown after it."""
    for language, text in blocks(page):
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                yield command, shown


def calls(page: Path) -> Iterator[Call]:
    """Each ``curl`` of a page, with its answer."""
    for command, shown in commands(page):
        if command.startswith("curl "):
            yield _read_call(page.name, command, shown)


def _read_call(page: str, command: str, shown: str) -> Call:
    words = shlex.split(command)[1:]
    url = next(word for word in words if word.startswith(BASE))
    given = [words[place + 1] for place, word in enumerate(words) if word == "-H"]
    options = "".join(word for word in words if re.fullmatch(r"-[a-zA-Z]+", word))
    status, headers = 200, {}
    if shown.startswith("HTTP/"):
        head, _, shown = shown.partition("\n\n")
        first, *lines = head.splitlines()
        status = int(first.split()[1])
        headers = dict(line.split(": ", 1) for line in lines)
    body = json.loads(_LEFT_OUT.sub(lambda match: match[1] or "", shown)) if shown.strip() else None
    method = "HEAD" if "I" in options else "GET"
    return Call(page, url, dict(line.split(": ", 1) for line in given), method, status, headers, body)


def ask(client: FlaskClient, url: str, headers: dict[str, str] | None = None, method: str = "GET") -> TestResponse:
    """The answer to a call of a page."""
    parts = urlsplit(url)
    return client.open(f"{parts.path}?{parts.query}" if parts.query else parts.path, method=method, headers=headers)


def list_differences(shown: Any, real: Any, where: str = "answer") -> Iterator[str]:
    """Where what a page shows is not what comes: it may show less, and end a text with … ."""
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
        for place, value in enumerate(shown):
            yield from list_differences(value, real[place], f"{where}[{place}]")
    elif isinstance(shown, str) and shown.endswith("…"):
        if not isinstance(real, str) or not real.startswith(shown.removesuffix("…")):
            yield f"{where} is {real!r}, not {shown!r}"
    elif shown != real:
        yield f"{where} is {real!r}, not {shown!r}"
