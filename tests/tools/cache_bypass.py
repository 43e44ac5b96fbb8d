"""One question, asked through the cache and past it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from random import Random
from typing import Any

from flask import Flask

from api.domain.kind import KINDS, MOMENT

# Given with every question, so that problems, which repeat it, are the same too.
REQUEST_ID = "one-and-the-same"


@dataclass(frozen=True)
class Question:
    """A request as a server hands it over: path and query as they came, and headers by their WSGI names."""

    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{self.query} {dict(self.headers)}"


@dataclass(frozen=True)
class Said:
    """What was answered, without the time."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def ask(app: Flask, question: Question) -> Said:
    """What ``app`` answers, asked without a client that would mend the question."""
    head: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> Any:
        head[:] = status, headers

    environ: dict[str, Any] = {
        "REQUEST_METHOD": question.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": question.path,
        "QUERY_STRING": question.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_X_REQUEST_ID": REQUEST_ID,
    }
    chunks = app(environ | question.headers, start)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return Said(head[0], tuple(header for header in head[1] if header[0] != "Date"), body)


def assert_alike(through: Flask, past: Flask, question: Question) -> Said:
    """The answer, the same past the cache as through it, when it is made and when it is given again."""
    expected = ask(past, question)
    # What is given again may say nothing of the request for which it was made.
    assert not expected.status.startswith("200") or REQUEST_ID.encode() not in expected.body
    for turn in ("made", "kept", "found at once"):
        said = ask(through, question)
        assert said == expected, f"{question}, {turn}"
    return expected


def make_questions(count: int, seed: int, releases: int, slugs: Mapping[str, list[str]]) -> list[Question]:
    """So many random questions: what readers ask, and what they should not."""
    chance = Random(seed)
    return [_make(chance, releases, slugs) for _ in range(count)]


# What is searched for, as it is typed into an address: mutated, accented, encoded this way and that, and none.
QUERIES = (
    "title",
    "first",
    "gyntaf",
    "t%C5%B7",
    "t%c5%b7",
    "i%27r+first",
    "i%E2%80%99r%20first",
    '"cy+first"',
    "-x",
    "",
)

HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "HTTP_ACCEPT_LANGUAGE",
        ("cy", "en", "cy-GB,cy;q=0.9,en;q=0.8", "cy;q=0", "en;q=0, cy", "cy, en;q=0", "fr", "*", ""),
    ),
    ("HTTP_ACCEPT", ("*/*", "application/json", "application/json;charset=utf-8", "text/html", "", "a")),
    ("HTTP_IF_NONE_MATCH", ("*", '"x"', 'W/"x", "y"', "x", "")),
    ("HTTP_IF_MATCH", ("*", '"x"')),
)


def _make(chance: Random, releases: int, slugs: Mapping[str, list[str]]) -> Question:
    kind = chance.choice(list(KINDS.values()))
    bilingual = chance.random() < 0.25
    root = "/v1/bilingual/" if bilingual else "/v1/"
    parameters: list[str] = []
    shape = chance.random()
    if shape < 0.45:
        path = f"{root}{kind.plural}/{chance.choice(slugs[kind.name])}"
    elif shape < 0.52:
        bilingual = False
        path, parameters = "/v1/search", ["q=" + chance.choice(QUERIES), f"limit={chance.randint(1, 3)}"]
    elif shape < 0.87:
        path = root + kind.plural
        own = ["sort=title", "category=care", "number=2"] if kind is MOMENT else []
        parameters += chance.sample([f"limit={chance.randint(1, 30)}", f"limit={chance.randint(0, 3)}", *own], 1)
        parameters += ["q=" + chance.choice(QUERIES)] if chance.random() < 0.1 else []
    else:
        path = chance.choice(
            [
                "/v1",
                "/v1/releases",
                "/v1/releases/1",
                "/v1/changes",
                "/v1/translation-status",
                "/v1/moments/random",
                "/v1/translation-status.csv",
                "/v1/translation-status/badge.svg",
                "/docs/words",
                "/problems",
                "/embed/moments/first",
                "/embed/prompts",
                "/nothing",
            ]
        )
        parameters += {"/v1/changes": ["since=0"], "/v1/moments/random": ["seed=heddiw"]}.get(path, [])
    language = ["lang=cy", "lang=en", "fallback=allow", "fallback=none"] if not bilingual else []
    more = [*language, "min_state=reviewed", "fields=slug", f"release={chance.randint(1, releases)}"]
    parameters += [each for each in more if chance.random() < 0.15]
    parameters += ["unknown=1"] if chance.random() < 0.05 else []
    chance.shuffle(parameters)
    headers = {name: chance.choice(values) for name, values in HEADERS if chance.random() < 0.15}
    return Question(path, "&".join(parameters), headers, chance.choice(["GET", "GET", "GET", "HEAD"]))
