"""The day that the pages for translators go through is lived here, call by call, and every answer is as they say."""

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
# A text, what was left out at the end of an object or a list, or between texts.
_LEFT_OUT = re.compile(r'("(?:[^"\\]|\\.)*")|,?\s*…')
_COMMAND = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*(?:\n {4}[^\n]*)*)", re.MULTILINE)


def _steps() -> Iterator[tuple[str, str]]:
    """Each command of the page, its lines joined as a shell would, and what is shown after it."""
    for language, text in blocks(PAGE):
        if language == "console":
            found = list(_COMMAND.finditer(text))
            ends = [each.start() for each in found[1:]] + [len(text)]
            for each, end in zip(found, ends, strict=True):
                yield each[1].replace("\\\n", ""), text[each.end() : end].strip()


class _Shell:
    """What the page's variables hold, and the last ETag of what the next release would be."""

    def __init__(self, app: Flask) -> None:
        self.client, self.runner = app.test_client(), app.test_cli_runner()
        self.variables: dict[str, str] = {}
        self.next_etag = ""

    def do(self, command: str, shown: str) -> None:
        if made := re.fullmatch(r"(\w+)=\$\(flask (.*) \| tail -1\)", command):
            self.variables[made[1]] = self.runner.invoke(args=shlex.split(made[2])).output.splitlines()[-1]
        elif said := re.fullmatch(r"(\w+)=(.*)", command):
            self.variables[said[1]] = shlex.split(said[2])[0]
        else:
            self.call(command, shown)

    def call(self, command: str, shown: str) -> None:
        words = [self._fill(word) for word in shlex.split(command)]
        given = {name: value for flag, name, value in self._headers(words) if flag == "-H"}
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        data = words[words.index("-d") + 1] if "-d" in words else None
        address = next(word for word in words if word.startswith(BASE)).removeprefix(BASE)
        answer = self.client.open(address, method=method, headers=given, data=data)
        status, headers, body = _read_shown(shown)
        assert answer.status_code == status, (command, answer.text)
        for name, value in headers.items():
            assert answer.headers[name].startswith(value.partition("…")[0]), command
        assert list(list_differences(body, answer.get_json())) == [], command
        if address.endswith("/releases/next"):
            self.next_etag = answer.headers["ETag"]

    def _fill(self, word: str) -> str:
        filled = re.sub(r"\$(\w+)", lambda found: self.variables.get(found[1], found[0]), word)
        return filled.replace('"next-…"', self.next_etag)

    @staticmethod
    def _headers(words: list[str]) -> Iterator[tuple[str, str, str]]:
        for place, word in enumerate(words):
            if word == "-H":
                name, _, value = words[place + 1].partition(": ")
                yield word, name, value


def _read_shown(shown: str) -> tuple[int, dict[str, str], Any]:
    status, headers = 200, {}
    if shown.startswith("HTTP/"):
        head, _, shown = shown.partition("\n\n")
        first, *lines = head.splitlines()
        status, headers = int(first.split()[1]), dict(line.split(": ", 1) for line in lines)
    return status, headers, json.loads(_LEFT_OUT.sub(lambda match: match[1] or "", shown))


def test_the_day_of_the_page_goes_as_the_page_says(loaded_url: str, make_app: MakeApp) -> None:
    app = make_app(loaded_url)
    # A day in which nothing happens twice in one second, however fast the machine: a text that went back and forth
    # within one is the text that was public, to the second.
    seconds = itertools.count()
    start = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    context = replace(app.extensions["eiliadau_hud"], now=lambda: start + timedelta(seconds=next(seconds)))
    install_context(app, context)
    shell = _Shell(app)
    steps = list(_steps())
    assert len(steps) > 40
    for command, shown in steps:
        shell.do(command, shown)


def _shape(page: Path) -> dict[str, Any]:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {
        "headings": re.findall(r"^(#+) ", text, re.MULTILINE),
        "rows": len(re.findall(r"^\|", text, re.MULTILINE)),
        "codes": sorted(re.findall(r"^\| (`[^|]*`|\d[\d, ]*) \|", text, re.MULTILINE)),
    }


def test_the_page_is_the_same_in_both_languages() -> None:
    assert blocks(PAGE) == blocks(PAGE_CY)
    assert _shape(PAGE) == _shape(PAGE_CY)


@pytest.mark.parametrize("page", [PAGE, PAGE_CY], ids=lambda page: page.name)
def test_every_problem_that_the_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"/problems/([a-z-]+)", page.read_text(encoding="utf-8")))
    assert named
    assert named <= set(PROBLEMS)
