"""A crawler that follows every address that any response contains, and reports those that do not work.

An address works if its response, after redirects, has a status below 400, and is in the language that the address
promises. Addresses of the same shape have the same path except for slugs and numbers, the same names of
parameters, and the same language rule. Only the first ``most`` of each shape are followed, and only one PDF; all
addresses are checked for their form.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.pages.qr_code import draw_qr_code
from tests.tools.addresses import LANGUAGES, OWN, Address, list_addresses, read_query, resolve

_CONTENT = re.compile(
    r"/v1(/bilingual)?/(collections|sections|categories|moments|ground-rules|prompts|guide|search)(/|\?|$)"
)
# Parameters whose values are part of the shape of an address. The seeds have every value of every parameter.
_DISTINCT = frozenset({"lang", "fallback", "min_state", "kind", "content"})
# Responses that are not read: the API document's examples name the default address, and a PDF has those of its page.
_UNREAD = ("/openapi.", "/embed/handout.pdf")
# Search queries in place of the placeholder in the link of the service document.
_QUERIES = ("body", "EN title")
# The places of the addresses at which a crawl begins: those that work, and those that return a problem.
SEED, PROBLEM = "seed", "problem"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Relations whose target names a release although the source names none: all pages of a list are from one release.
_PAGES = frozenset({"next", "previous", "prev", "first", "last"})


@dataclass(frozen=True)
class Answer:
    """What the crawler remembers of a response, and the language in which it was requested (None: any)."""

    status: int
    url: str
    language: str | None


@dataclass
class Crawler:
    """Crawls the service at ``public_url`` with these headers. ``failures`` has one line for each dead address."""

    client: FlaskClient
    public_url: str
    headers: Mapping[str, str]
    most: int = 3
    failures: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    shapes: Counter[str] = field(default_factory=Counter)
    _queue: deque[tuple[str, Address, str]] = field(default_factory=deque)
    _seen: set[tuple[str, frozenset[str], bool]] = field(default_factory=set)

    def crawl(self, seeds: Iterable[str], problems: Iterable[str] = ()) -> None:
        """Follow the seeds, which are paths, and all addresses found behind them. ``problems`` are seeds with a 4xx."""
        for seed in seeds:
            self._queue.append((self.public_url + seed, Address(seed, SEED, OWN), ""))
        for seed in problems:
            self._queue.append((self.public_url + seed, Address(seed, PROBLEM, OWN), ""))
        while self._queue:
            self._follow(*self._queue.popleft())

    def _fail(self, reason: str, url: str, address: Address, source: str) -> None:
        self.failures.append(f"{reason}: {url}\n    from {address.place} of {source}")

    def _follow(self, url: str, address: Address, source: str) -> None:
        expected = self._expect(url, address, source)
        key = (url, expected, address.is_withdrawn)
        if key in self._seen:
            return
        self._seen.add(key)
        answer = self.answers.get(url)
        if answer is None:
            shape = self.shape(url, address)
            self.shapes[shape] += 1
            # Seeds are always followed.
            if self.shapes[shape] > self.most and source:
                return
            answer = self.answers[url] = self._read(url, address, source)
        if address.is_withdrawn:
            if answer.status != 410:
                self._fail(f"{answer.status}, although the resource was withdrawn", url, address, source)
        elif (answer.status >= 400) is not (address.place == PROBLEM) or answer.status >= 500:
            self._fail(str(answer.status), url, address, source)
        elif answer.language is not None and expected and answer.language not in expected:
            self._fail(f"in {answer.language}, not in {'/'.join(sorted(expected))}", url, address, source)

    def shape(self, url: str, address: Address) -> str:
        """Return the address without the values that do not select other code."""
        path, query = urlsplit(url.removeprefix(self.public_url)).path, read_query(url)
        if path.startswith(_UNREAD):
            return path
        path = re.sub(r"/(?!v1/|random)[a-z0-9-]*(x{9}|\d)[a-z0-9.-]*", "/*", path)
        parameters = {name: query[name] if name in _DISTINCT else "" for name in sorted(query)}
        inner = self.shape(query["url"], address) if "url" in query else ""
        return f"{path}?{urlencode(parameters)} {inner} {'withdrawn' if address.is_withdrawn else ''}"

    def _expect(self, url: str, address: Address, source: str) -> frozenset[str]:
        """Return the languages in which the response at ``url`` may be; empty for any language."""
        if address.language in LANGUAGES:
            return frozenset({str(address.language)})
        own = read_query(url).get("lang")
        # Without a language, oEmbed answers in one in which the text is available.
        is_free = "/v1/oembed?" in source and not _named_languages(source)
        if address.language == OWN or is_free:
            return frozenset({_canonical(own)} if own else ())
        return _named_languages(source) or frozenset({self.headers["Accept-Language"]})

    def _read(self, url: str, address: Address, source: str) -> Answer:
        """Request an address, follow its redirects, and queue the addresses in each response."""
        for _ in range(4):
            path = url.removeprefix(self.public_url) or "/"
            response = self.client.get(path, headers=self.headers)
            self._queue_addresses(url, response)
            if response.status_code not in _REDIRECTS:
                break
            target = response.headers["Location"]
            kept, own = read_query(target), read_query(url)
            if kept | {"lang": ""} != own | {"lang": ""} or _canonical(kept.get("lang", "")) != _canonical(
                own.get("lang", "")
            ):
                self._fail("the redirect changes the query", target, address, url)
            url = target
        return Answer(response.status_code, url, _find_language(response))

    def _queue_addresses(self, source: str, response: TestResponse) -> None:
        path = urlsplit(source.removeprefix(self.public_url)).path
        if path.startswith(_UNREAD):
            return
        addresses = list(list_addresses(response))
        if response.mimetype == "image/svg+xml" and path == "/embed/qr.svg" and response.status_code == 200:
            addresses.append(self._decode(source, response.data))
        for address in addresses:
            for text in _fill(address.url):
                url = resolve(source, text)
                # The examples of the documentation name resources of the booklet that the service comes with.
                is_example = path == "/docs" and url.startswith(f"{self.public_url}/v1/")
                if self._is_own(url, address, source) and not is_example:
                    self._check_rule(url, address, source)
                    self._queue.append((url, address, source))

    def _decode(self, source: str, code: bytes) -> Address:
        """Return the address in a QR code: the one of those that its parameters describe that gives the same code."""
        parameters = read_query(source)
        parameters.pop("download", None)
        kind, slug = parameters.pop("kind"), parameters.pop("slug", "")
        path = {"moment": "moments/", "prompt": "prompts/"}.get(kind, kind) + slug
        for more in ({}, {"fallback": "allow"}):
            query = urlencode(_in_order({**parameters, **more}), safe=",")
            url = f"{self.public_url}/embed/{path}" + (f"?{query}" if query else "")
            if draw_qr_code(url) == code:
                return Address(url, "QR code", OWN)
        raise AssertionError(f"the code at {source} leads to another address")

    def _is_own(self, url: str, address: Address, source: str) -> bool:
        if url.startswith(f"{self.public_url}/") or url == self.public_url:
            return True
        if urlsplit(url).netloc == urlsplit(self.public_url).netloc:
            self._fail("outside PUBLIC_URL", url, address, source)
        return False

    def _check_rule(self, url: str, address: Address, source: str) -> None:
        """Check that an address keeps the fallback rule and the release of its source, both of them content."""
        if not (_CONTENT.match(_path(url, self)) and _CONTENT.match(_path(source, self))):
            return
        own, its = read_query(source), read_query(url)
        if "release" in own and its.get("release") != own["release"]:
            self._fail("the link loses the release", url, address, source)
        elif "release" not in own and "release" in its and address.relation not in _PAGES:
            self._fail("the link adds a release", url, address, source)
        if address.language is None and "lang" in own and "/bilingual/" not in url + source:
            if own.get("fallback", "none") != its.get("fallback", "none"):
                self._fail("the link changes the fallback rule", url, address, source)
            if _canonical(own["lang"]) != its.get("lang") and address.relation != "alternate":
                self._fail("the link loses the language", url, address, source)


def _path(url: str, crawler: Crawler) -> str:
    return url.removeprefix(crawler.public_url)


def _named_languages(url: str) -> frozenset[str]:
    """Return the languages that an address names: for a page, for its content, and in an address inside it."""
    query = read_query(url)
    if query.get("languages") == "both":
        return frozenset(LANGUAGES)
    named = {_canonical(query[name]) for name in ("lang", "content") if name in query}
    if "url" in query:
        named |= {_canonical(value) for name, value in read_query(query["url"]).items() if name == "lang"}
    return frozenset(named) & frozenset(LANGUAGES)


def _canonical(tag: str) -> str:
    """Return the language of a tag, such as ``cy-GB``."""
    return tag[:2].lower()


def _find_language(response: TestResponse) -> str | None:
    """Return the language that a response was requested in; None if the response has no language of its own."""
    if response.mimetype == "text/html":
        match = re.search(r'<html lang="(\w+)"', response.text)
        return match[1] if match else None
    if response.mimetype == "image/svg+xml":
        return response.headers.get("Content-Language")
    body: Any = response.get_json() if response.is_json else None
    if isinstance(body, dict) and isinstance(body.get("language"), dict):
        return str(body["language"]["requested"])
    items = body.get("items") if isinstance(body, dict) else None
    languages = {
        item["language"]["requested"]
        for item in items or ()
        if isinstance(item, dict) and isinstance(item.get("language"), dict)
    }
    return languages.pop() if len(languages) == 1 else None


def _fill(url: str) -> Iterable[str]:
    """Return the addresses that a URI template stands for."""
    if "{q}" not in url:
        return (url,)
    return [url.replace("{q}", quote(query)) for query in _QUERIES]


_ORDER = (
    "lang",
    "fallback",
    "stage",
    "collection",
    "moments",
    "stages",
    "minutes",
    "show",
    "switch",
    "theme",
    "release",
)


def _in_order(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: parameters[name] for name in _ORDER if name in parameters}
