"""The calls of the translators' guide, run in order, return the responses that the guide shows."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api.http.context import install_context
from api.http.problems import PROBLEMS
from api.settings import ROOT
from tests.conftest import MakeApp
from tests.docs.transcripts import BASE, blocks, list_differences

PAGE, PAGE_CY = ROOT / "docs" / "translators.md", ROOT / "docs" / "translators.cy.md"
# Matches a JSON string, which is kept, or an ellipsis outside strings, which is removed.
_LEFT_OUT = re.compile(r'("(?:[^"\\]|\\.)*")|,?\s*…')
_COMMAND = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*(?:\n {4}[^\n]*)*)", re.MULTILINE)


def _steps() -> Iterator[tuple[str, str]]:
    """Yield each command of the page, on one line, and the output that the page shows for the command."""
    for language, text in blocks(PAGE):
        if language == "console":
            matches = list(_COMMAND.finditer(text))
            ends = [match.start() for match in matches[1:]] + [len(text)]
            for match, end in zip(matches, ends, strict=True):
                yield match[1].replace("\\\n", ""), text[match.end() : end].strip()


class _Shell:
    """A shell that runs the page's commands. It stores shell variables, and the last ETag of ``/releases/next``."""

    def __init__(self, app: Flask) -> None:
        self.client, self.runner = app.test_client(), app.test_cli_runner()
        self.variables: dict[str, str] = {}
        self.next_etag = ""

    def run(self, command: str, output: str) -> None:
        if created := re.fullmatch(r"(\w+)=\$\(flask (.*) \| tail -1\)", command):
            self.variables[created[1]] = self.runner.invoke(args=shlex.split(created[2])).output.splitlines()[-1]
        elif assigned := re.fullmatch(r"(\w+)=(.*)", command):
            self.variables[assigned[1]] = shlex.split(assigned[2])[0]
        else:
            self.call(command, output)

    def call(self, command: str, output: str) -> None:
        words = [self._fill(word) for word in shlex.split(command)]
        headers = {name: value for flag, name, value in self._headers(words) if flag == "-H"}
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        data = words[words.index("-d") + 1] if "-d" in words else None
        url = next(word for word in words if word.startswith(BASE)).removeprefix(BASE)
        response = self.client.open(url, method=method, headers=headers, data=data)
        status, shown_headers, body = _read_shown(output)
        assert response.status_code == status, (command, response.text)
        for name, value in shown_headers.items():
            assert response.headers[name].startswith(value.partition("…")[0]), command
        assert list(list_differences(body, response.get_json())) == [], command
        if url.endswith("/releases/next"):
            self.next_etag = response.headers["ETag"]

    def _fill(self, word: str) -> str:
        filled = re.sub(r"\$(\w+)", lambda match: self.variables.get(match[1], match[0]), word)
        return filled.replace('"next-…"', self.next_etag)

    @staticmethod
    def _headers(words: list[str]) -> Iterator[tuple[str, str, str]]:
        for index, word in enumerate(words):
            if word == "-H":
                name, _, value = words[index + 1].partition(": ")
                yield word, name, value


def _read_shown(output: str) -> tuple[int, dict[str, str], Any]:
    status, headers = 200, {}
    if output.startswith("HTTP/"):
        head, _, output = output.partition("\n\n")
        first, *lines = head.splitlines()
        status, headers = int(first.split()[1]), dict(line.split(": ", 1) for line in lines)
    return status, headers, json.loads(_LEFT_OUT.sub(lambda match: match[1] or "", output))


def test_the_calls_of_the_translators_guide_return_the_documented_responses(loaded_url: str, make_app: MakeApp) -> None:
    app = make_app(loaded_url)
    # The clock advances by a second at every call, so that no two actions have the same time.
    seconds = itertools.count()
    start = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    context = replace(app.extensions["eiliadau_hud"], now=lambda: start + timedelta(seconds=next(seconds)))
    install_context(app, context)
    shell = _Shell(app)
    steps = list(_steps())
    assert len(steps) > 40
    for command, output in steps:
        shell.run(command, output)


def _read_structure(page: Path) -> dict[str, Any]:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {
        "headings": re.findall(r"^(#+) ", text, re.MULTILINE),
        "rows": len(re.findall(r"^\|", text, re.MULTILINE)),
        "codes": sorted(re.findall(r"^\| (`[^|]*`|\d[\d, ]*) \|", text, re.MULTILINE)),
    }


def test_the_guide_has_the_same_structure_in_both_languages() -> None:
    assert blocks(PAGE) == blocks(PAGE_CY)
    assert _read_structure(PAGE) == _read_structure(PAGE_CY)


@pytest.mark.parametrize("page", [PAGE, PAGE_CY], ids=lambda page: page.name)
def test_every_problem_named_in_the_guide_exists(page: Path) -> None:
    named = set(re.findall(r"/problems/([a-z-]+)", page.read_text(encoding="utf-8")))
    assert named
    assert named <= set(PROBLEMS)
