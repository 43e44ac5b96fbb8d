"""What nginx is told, so that it answers with the files as the service does: the same bytes, the same headers.

``http.conf`` goes into ``http``, ``server.conf`` into a ``server`` that sets ``$eih_root`` to the folder of the export.
What an address tells by itself is a rule; what only its own answer tells (neighbours, a language that fell back) is a
line in a map.
"""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from api.cli.static.language import language_maps
from api.cli.static.templates import HTTP, SERVER
from api.cli.static.walk import CLASSES, Alias, ExportedPage, Gone, SiteWalk
from api.domain.document import to_json
from api.domain.kind import KINDS

_PROBLEMS = (404, 410)
# What every answer has, whatever it is of.
_CONSTANT = (
    "X-Content-Type-Options", "Referrer-Policy", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
    "Content-Security-Policy",
)  # fmt: skip
# Of an address's query, what says the language rule.
_RULE = ("lang", "fallback", "min_state")
_MAP = re.compile("    @([a-z]+)@\n")


class Include:
    """Writes the include files while the pages go by."""

    def __init__(self, walk: SiteWalk, folder: Path) -> None:
        self._walk, self._folder = walk, folder
        self._stack = ExitStack()
        self._files: dict[str, IO[str]] = {}
        self._counts: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        for name in ("aliases", "links", "languages", "moved", "gone"):
            file = (self._folder / f"{name}.map").open("w", encoding="utf-8")
            self._files[name] = self._stack.enter_context(file)
            self._counts[name] = 0
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def add(self, page: ExportedPage) -> None:
        """Take over what this answer alone tells."""
        address = f"{page.path}?{page.query}"
        if link := page.headers.get("Link"):
            self._write("links", address, link)
        language = page.headers.get("Content-Language", "")
        if language != expected_language(page):
            self._write("languages", address, language)

    def add_alias(self, alias: Alias) -> None:
        self._write("aliases", alias.path, alias.leads_to)

    def add_gone(self, gone: Gone) -> None:
        if gone.location is not None:
            self._write("moved", gone.path, gone.location)
        else:
            self._write("gone", gone.path, "1")

    def _write(self, name: str, key: str, value: str) -> None:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "")
        self._files[name].write(f'"{key}" "{quoted}";\n')
        self._counts[name] += 1

    def finish(self, files: Path) -> None:
        """Write the rules, and the problems that are answered with."""
        self._stack.close()
        problems = files / "_problem"
        problems.mkdir()
        for status in _PROBLEMS:
            for language in ("cy", "en"):
                (problems / f"{status}.{language}").write_bytes(self._problem(status, language))
        with (self._folder / "http.conf").open("w", encoding="utf-8") as out:
            for place, part in enumerate(_MAP.split(self._http())):
                if place % 2:
                    self._pour(part, out)
                else:
                    out.write(part)
        (self._folder / "server.conf").write_text(self._server(), encoding="utf-8")

    def _pour(self, name: str, out: IO[str]) -> None:
        """Put the lines of a map in their place: nginx would look for an included file elsewhere."""
        file = self._folder / f"{name}.map"
        with file.open(encoding="utf-8") as lines:
            shutil.copyfileobj(lines, out)
        file.unlink()

    def _problem(self, status: int, language: str) -> bytes:
        return to_json(self._walk.tell_problem(status, language)).encode()

    def _http(self) -> str:
        sample = {name: self._walk.ask(self._any_list(), header).headers for name, header in CLASSES.items()}
        rules = {name: _split(headers["Content-Location"]) for name, headers in sample.items()}
        prefixes = "".join(f'    "{name}" "{prefix}";\n' for name, (prefix, _) in rules.items())
        suffix = next(iter(rules.values()))[1]
        plurals = "|".join(kind.plural for kind in KINDS.values())
        tail = f"&{suffix}" if suffix else ""
        size = 64
        while size < 2 * max(self._counts.values()):
            size *= 2
        return HTTP.format(
            languages=language_maps(self._walk.default_language),
            plurals=plurals,
            prefixes=prefixes,
            tail=tail,
            bare=suffix or "_",
            default=self._walk.cache_control(is_immutable=False),
            immutable=self._walk.cache_control(is_immutable=True),
            public_url=self._walk.public_url,
            size=max(size, 2048),
        )

    def _any_list(self) -> str:
        return "/v1/collections" + (f"?release={self._walk.pinned}" if self._walk.pinned else "")

    def _server(self) -> str:
        headers = self._walk.ask(self._any_list()).headers
        constant = "".join(f'add_header {name} "{headers[name]}" always;\n' for name in _CONSTANT)
        return SERVER.format(constant=constant, again=constant.replace("add_header", "    add_header"),
                              public_url=self._walk.public_url)  # fmt: skip


def expected_language(page: ExportedPage) -> str:
    """Which Content-Language the rules of ``http.conf`` give this address."""
    named = dict(parse_qsl(page.query)).get("lang")
    if named:
        return named
    return "cy, en" if page.path.startswith("/v1/bilingual/") or page.path == "/v1" else ""


def _split(location: str) -> tuple[str, str]:
    """The language rule of an address, and what follows it."""
    query = parse_qsl(urlsplit(location).query)
    return (
        urlencode([(name, value) for name, value in query if name in _RULE]),
        urlencode([(name, value) for name, value in query if name not in _RULE]),
    )
