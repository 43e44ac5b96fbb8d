"""Docs, docstrings, comments, command help and API descriptions avoid words that make a reader stop."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import ROOT
from tests.docs.transcripts import pages

# Each of these phrases made native readers read a sentence twice. Booklet texts and quotations are not checked.
BANNED = re.compile(
    r"""\b(?:anew|whoever|parted\ by|(?:is|are|be)\ told|to\ be\ had|none\ of\ ours|nobody['’]s|let\ go\ of|let\ pass
    |one\ an?\ (?:language|kind|line)|an?\ (?:line|word|sentence)\ each|has\ not\ the\ form\ of|says?\ nothing\ of
    |behind\ (?:the\ readers|everybody)['’]s?\ backs|stands\ (?:now|there|beside))\b""",
    re.IGNORECASE | re.VERBOSE,
)
# Pages that quote banned words in order to advise against them.
EXEMPT = {"CONTRIBUTING.md"}
FOLDERS = ("api", "bench", "tests", "tools", "migrations")
SOURCES = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]


def _prose(file: Path) -> Iterator[tuple[int, str]]:
    """Yield each comment in a Python file, and each string that contains a space, with its line number."""
    source = file.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def _find_banned(text: str) -> list[str]:
    return [" ".join(match[0].split()) for match in BANNED.finditer(" ".join(text.split()))]


def test_the_check_finds_a_banned_word() -> None:
    assert _find_banned("Whoever asks is\n told so.") == ["Whoever", "is told"]


def test_code_avoids_the_banned_words() -> None:
    own = Path(__file__).name
    findings = [
        f"{file.relative_to(ROOT)}:{line}: {word}"
        for file in SOURCES
        if file.name != own
        for line, text in _prose(file)
        for word in _find_banned(text)
    ]
    assert findings == []


@pytest.mark.parametrize("page", [page for page in pages() if page.name not in EXEMPT], ids=lambda page: page.name)
def test_pages_avoid_the_banned_words(page: Path) -> None:
    assert _find_banned(page.read_text(encoding="utf-8")) == []


def test_the_api_document_avoids_the_banned_words() -> None:
    assert _find_banned((ROOT / "openapi.yaml").read_text(encoding="utf-8")) == []
