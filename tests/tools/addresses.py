"""The addresses in a response: in headers, JSON, HTML, XML, CSV and packages.

Each address comes with what the response declares about it: the language of its target, its relation, and whether its
resource was withdrawn.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from xml.etree import ElementTree

from werkzeug.test import TestResponse

LANGUAGES = ("cy", "en")
# Any language: the address itself names it.
OWN = "own"
_URL = re.compile(r"https?://[^\s\"'<>,]+")
_LINK = re.compile(r"<([^>]*)>((?:; [a-z]+=\"[^\"]*\")*)")
_SCRIPT = re.compile(r"(.+)/embed(?:-\w+)?\.js")
_URL_ATTRIBUTES = ("href", "src", "action", "data", "poster", "cite", "formaction")
# The paths and parameters of the component, as in ``api/pages/static/component/1.js``.
_COMPONENT_PATHS = {
    "moment": "moments/", "prompt": "prompts/", "prompts": "prompts", "ground-rules": "ground-rules",
    "session": "session",
}  # fmt: skip
_COMPONENT_PARAMETERS = (
    "lang", "stage", "show", "collection", "category", "seed", "moments", "stages", "minutes", "switch", "theme",
    "release",
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """An address, absolute or relative, as the response gives it. ``place`` tells where the address was found.

    ``language`` is the language that the response declares for the target: OWN if the address itself names it, None if
    nothing is declared, so that the target must be in the language of the response.
    """

    url: str
    place: str
    language: str | None = None
    relation: str | None = None
    is_withdrawn: bool = False


def list_addresses(response: TestResponse) -> Iterator[Address]:
    """Yield every address in a response."""
    yield from _in_headers(response)
    media_type = response.mimetype or ""
    if media_type.endswith("json"):
        yield from _in_json(json.loads(response.data), "")
    elif media_type == "text/html":
        yield from _in_html(response.text)
    elif media_type.endswith("xml"):
        yield from _in_xml(response.data)
    elif media_type == "text/csv":
        for row in csv.reader(io.StringIO(response.text)):
            yield from (Address(url, "CSV") for cell in row for url in _URL.findall(cell))
    elif media_type == "application/zip":
        yield from _in_package(response.data)


def _in_headers(response: TestResponse) -> Iterator[Address]:
    for url, parameters in _LINK.findall(response.headers.get("Link", "")):
        values = dict(re.findall(r'([a-z]+)="([^"]*)"', parameters))
        yield Address(url, "Link", values.get("hreflang"), values.get("rel"))
    for name in ("Location", "Content-Location"):
        if name in response.headers:
            yield Address(response.headers[name], name)


def _in_json(value: Any, place: str, declared: Address = Address("", "")) -> Iterator[Address]:
    if isinstance(value, dict):
        declared = _declare(value, declared)
        for name, item in value.items():
            # The members of ``translations`` are named after languages.
            own = replace(declared, language=name) if name in LANGUAGES and "translations" in place else declared
            own = replace(own, relation=name) if place.endswith("links") else own
            # Bilingual texts have a member for each language: ``{"cy": {"url": …}}`` occurs in translations only.
            yield from _in_json(item, f"{place}.{name}", own)
    elif isinstance(value, list):
        for item in value:
            yield from _in_json(item, place, declared)
    elif isinstance(value, str):
        if place.endswith("html") and "<" in value:
            yield from (replace(found, place=f"{place} {found.place}") for found in _in_html(value))
        elif place == ".type" and _URL.fullmatch(value):
            # The type of a problem is an identifier, so that it names no language (RFC 9457, 3.1.1).
            yield replace(declared, url=value, place=place, language=OWN)
        elif _URL.fullmatch(value) or re.fullmatch(r"https?://\S+\{\w+\}\S*", value):
            yield replace(declared, url=value, place=place)


def _declare(value: Mapping[str, Any], declared: Address) -> Address:
    """Return what an object declares about the addresses in it."""
    language = value.get("hreflang") or value.get("inLanguage")
    if isinstance(language, str):
        declared = replace(declared, language=language)
    elif isinstance(value.get("language"), str) or "@id" in value:
        # A search hit, and a gap of the translation status.
        declared = replace(declared, language=OWN)
    if value.get("change") == "withdrawn":
        declared = replace(declared, is_withdrawn=True)
    return declared


def _in_xml(data: bytes) -> Iterator[Address]:
    for element in ElementTree.fromstring(data).iter():
        for text in (element.text or "", *element.attrib.values()):
            if "<" in text:
                yield from _in_html(text)
            else:
                yield from (Address(url, f"<{element.tag}>") for url in _URL.findall(text))


def _in_package(data: bytes) -> Iterator[Address]:
    """Yield the absolute addresses in a package. Relative ones must name a file of the package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = set(package.namelist())
        for name in names:
            text = package.read(name).decode()
            found = _in_html(text) if name.endswith(".html") else ()
            for address in found:
                if urlsplit(address.url).scheme:
                    yield replace(address, place=f"{name} {address.place}")
                else:
                    path = urlsplit(address.url).path
                    assert not path or path in names, f"{address.url} in {name} is not in the package"


class _Page(HTMLParser):
    """The addresses of an HTML page, and its forms."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses: list[Address] = []
        self.form: tuple[str, list[tuple[str, str, str, bool]]] | None = None
        self._text: list[str] | None = None
        self._tag = ""
        self._select = ""
        # The component takes the public URL from the address of its script.
        self._base = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name in _URL_ATTRIBUTES:
            if name in values and tag != "form":
                self.addresses.append(
                    Address(values[name], f"<{tag} {name}>", values.get("hreflang"), values.get("rel"))
                )
        if tag == "form":
            # A form without an action is for a script.
            self.form = (values["action"], []) if "action" in values else None
        if tag == "script" and (base := _SCRIPT.fullmatch(values.get("src", ""))):
            self._base = base[1]
        if tag == "magic-moment":
            self.addresses.append(Address(self._base + _component_path(values), "<magic-moment>", values.get("lang")))
        if tag == "input" and self.form and values.get("name"):
            is_on = values.get("type") not in {"radio", "checkbox"} or "checked" in values
            self.form[1].append((values["name"], values.get("type", "text"), values.get("value", ""), is_on))
        if tag == "select":
            self._select = values.get("name", "")
        if tag == "option" and self.form and self._select:
            self.form[1].append((self._select, "option", values.get("value", ""), "selected" in values))
        if tag == "textarea" or values.get("type") == "application/ld+json":
            self._text, self._tag = [], tag

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._text is None or tag != self._tag:
            return
        text, self._text = "".join(self._text), None
        if tag == "script":
            self.addresses += _in_json(json.loads(text), "JSON-LD")
        else:
            # Code to copy: an address, or HTML.
            found = _in_html(text) if "<" in text else [Address(text.strip(), "")]
            self.addresses += [replace(address, place=f"code {address.place}") for address in found]


def _component_path(values: Mapping[str, str]) -> str:
    parameters = {name: values[name] for name in _COMPONENT_PARAMETERS if values.get(name)}
    return f"/embed/{_COMPONENT_PATHS[values['kind']]}{values.get('slug', '')}?{urlencode(parameters, safe=',')}"


def _in_html(html: str) -> Iterator[Address]:
    page = _Page(html)
    yield from page.addresses
    if page.form is not None:
        yield from _submissions(*page.form)


def _submissions(action: str, fields: list[tuple[str, str, str, bool]]) -> Iterator[Address]:
    """Yield the addresses that a form leads to: as it is, and with each other choice in turn."""
    selects = {name for name, form, _, _ in fields if form == "option"}
    first = {name: next(value for other, _, value, _ in fields if other == name) for name in selects}
    chosen = [(name, value) for name, _, value, is_on in fields if is_on]
    chosen += [(name, value) for name, value in first.items() if name not in dict(chosen)]
    yield Address(f"{action}?{urlencode(chosen)}", "<form>", OWN)
    for name, form, value, is_on in fields:
        if is_on or form not in {"radio", "option", "checkbox"}:
            continue
        others = chosen if form == "checkbox" else [pair for pair in chosen if pair[0] != name]
        yield Address(f"{action}?{urlencode([*others, (name, value)])}", f"<form {name}>", OWN)


def resolve(base: str, url: str) -> str:
    """Return an address as a browser resolves it, without its fragment."""
    return urljoin(base, url).partition("#")[0]


def read_query(url: str) -> dict[str, str]:
    """Return the parameters of an address; of a repeated one, the last value."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
