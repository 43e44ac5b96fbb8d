"""Links, settings, calls, commands and decisions in the documentation are correct, in both languages."""

from __future__ import annotations

import re
from dataclasses import fields
from html import unescape
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.pages.static_files import NEWEST_COMPONENT
from api.settings import ROOT, Settings
from tests.docs.transcripts import BASE, Call, blocks, calls, commands, list_differences, pages, send

README = ROOT / "README.md"
INTEGRATORS, INTEGRATORS_CY = ROOT / "docs" / "integrators.md", ROOT / "docs" / "integrators.cy.md"
EMBEDDING, EMBEDDING_CY = ROOT / "docs" / "embedding.md", ROOT / "docs" / "embedding.cy.md"
SEARCH, SEARCH_CY = ROOT / "docs" / "search.md", ROOT / "docs" / "search.cy.md"
OPERATORS, FORMAT = ROOT / "docs" / "operators.md", ROOT / "docs" / "content-format.md"
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
CALLS = [call for page in (README, INTEGRATORS, INTEGRATORS_CY, SEARCH, SEARCH_CY, OPERATORS) for call in calls(page)]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CASE = re.compile(r"^\| `(/v1/\S+)` \| (?:`(.*?)`)? ?\| (\d+) \| (?:`(\w+)`)? ?\| (?:`(\w+)`)? ?\|$", re.MULTILINE)


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _without_blocks(page: Path) -> str:
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_relative_links_lead_to_files_and_headings(page: Path) -> None:
    for link in _LINK.findall(_without_blocks(page)):
        if link.startswith(("http://", "https://")):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        assert file.is_relative_to(ROOT), link
        assert file.exists(), link
        assert not anchor or anchor in _anchors(file), link


def test_readme_lists_every_setting_with_its_default() -> None:
    section = README.read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]*)` \|", section, re.MULTILINE))
    defaults = {f.name.upper(): str(f.default).replace(str(ROOT), "…") or "(empty)" for f in fields(Settings)}
    assert list(documented.items()) == list(defaults.items())
    assert section.count("\n| `") == len(defaults)


def test_the_readme_and_the_integrators_guide_contain_calls() -> None:
    assert len([call for call in CALLS if call.page == "README.md"]) == 5
    assert len([call for call in CALLS if call.page == INTEGRATORS.name]) >= 8


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_documented_calls_return_the_documented_response(call: Call, client: FlaskClient) -> None:
    response = send(client, call.url, call.headers, call.method)
    assert response.status_code == call.status
    for name, value in call.shown_headers.items():
        assert response.headers[name] == value
    if call.body is not None:
        assert list(list_differences(call.body, response.get_json())) == []


@pytest.mark.parametrize("page", [INTEGRATORS, INTEGRATORS_CY], ids=_name)
def test_the_documented_table_of_languages_matches_the_service(page: Path, client: FlaskClient) -> None:
    cases = _CASE.findall(page.read_text(encoding="utf-8"))
    assert len(cases) == 12
    for path, header, status, served, reason in cases:
        response = send(client, BASE + path, {"Accept-Language": header} if header else {})
        payload = response.get_json()
        language = (
            payload["language"] if response.status_code == 200 else {"served": "", "reason": payload.get("reason")}
        )
        assert (response.status_code, language["served"], language["reason"] or "") == (int(status), served, reason), (
            f"{path} with {header!r}"
        )


@pytest.mark.parametrize("page", [INTEGRATORS, INTEGRATORS_CY, SEARCH, SEARCH_CY, README], ids=_name)
def test_documented_urls_exist(page: Path, client: FlaskClient) -> None:
    named = set(re.findall(r"`(/[\w/.\-]+(?:\?[\w=&,\-]+)?)`", _without_blocks(page)))
    refused = {case[0] for case in _CASE.findall(page.read_text(encoding="utf-8")) if case[2] != "200"}
    # `/`, `/v1` and `/v1/bilingual` are documented as prefixes only.
    for path in sorted(named - refused - {"/", "/v1", "/v1/bilingual"}):
        assert send(client, path).status_code == 200, path


@pytest.mark.parametrize("page", [OPERATORS, FORMAT, EMBEDDING, EMBEDDING_CY], ids=_name)
def test_documented_commands_and_options_exist(page: Path, shared_app: Flask) -> None:
    text = page.read_text(encoding="utf-8")
    named = [command for command, _ in commands(page)] + re.findall(r"`\.venv/bin/(flask [^`]+)`", text)
    named = [command.partition("flask ")[2] for command in named if "flask " in command]
    assert named
    for command in named:
        _check_command(shared_app.cli, command.split())


def test_documented_embed_snippets_match_the_embed_builder(client: FlaskClient) -> None:
    answer = client.get("/embed?lang=en&content=cy&kind=moment&slug=chain-reaction")
    written = unescape(answer.text).replace("http://127.0.0.1:8000", "https://moments.example")
    frame, component = re.findall(
        r"^```html\n(.*?)```", EMBEDDING.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert frame.strip() in written
    # The page shows the element on one line. The script line is not compared: the page shows a shorter URL.
    element = component.partition("\n")[2].strip()
    assert element in re.sub(r">\s+<", "><", written)


def test_embedding_guide_lists_every_attribute_of_the_component() -> None:
    table = EMBEDDING.read_text(encoding="utf-8").partition("| attribute |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z]+)`", "".join(row.partition(" | ")[0] for row in table.splitlines())))
    observed = re.search(r"const PARAMETERS = \[(.*?)\]", NEWEST_COMPONENT.data.decode())
    assert observed
    assert named == {"kind", "slug", "lang", *re.findall(r'"(\w+)"', observed[1])}


def _check_command(group: click.Group, words: list[str]) -> None:
    command: click.Command | None = group
    context = click.Context(group)
    used = 0
    while isinstance(command, click.Group) and used < len(words):
        command = command.get_command(context, words[used])
        assert command is not None, words
        used += 1
    assert command is not None
    options = {name for parameter in command.params for name in parameter.opts}
    used_options = {word for word in words[used:] if word.startswith("--")}
    assert used_options <= options, f"{' '.join(words)}: {used_options - options}"


def test_documented_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for page in pages() for name in re.findall(r"`make ([a-z][a-z-]*)", page.read_text(encoding="utf-8"))}
    assert {"run", "test", "lock"} <= named <= targets


@pytest.mark.parametrize(
    "pair", [(INTEGRATORS, INTEGRATORS_CY), (EMBEDDING, EMBEDDING_CY), (SEARCH, SEARCH_CY)], ids=str
)
def test_guides_have_the_same_structure_in_both_languages(pair: tuple[Path, Path]) -> None:
    assert blocks(pair[0]) == blocks(pair[1])
    levels = [re.findall(r"^(#+) ", _without_blocks(page), re.MULTILINE) for page in pair]
    rows = [len(re.findall(r"^\|", _without_blocks(page), re.MULTILINE)) for page in pair]
    points = [len(re.findall(r"^(?:-|\d\.) ", _without_blocks(page), re.M)) for page in pair]
    assert levels[0] == levels[1]
    assert rows[0] == rows[1]
    assert points[0] == points[1]


def test_welsh_pages_state_that_they_are_unreviewed() -> None:
    for page in (ROOT / "docs").glob("*.cy.md"):
        head = page.read_text(encoding="utf-8").partition("\n## ")[0]
        assert "Drafft peiriant" in head
        assert "nid oes neb wedi’i hadolygu eto" in " ".join(head.split()).replace("> ", "")
        assert "'" not in re.sub(r"`[^`]*`", "", _without_blocks(page)), "a Welsh clitic has ’"


def test_every_decision_is_listed_and_has_a_number_and_four_sections() -> None:
    assert [int(page.name[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    for page in ADRS:
        text = page.read_text(encoding="utf-8")
        assert re.match(rf"# {int(page.name[:4])}\. \S", text), page.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Alternatives", "Consequences"]
        assert f"({page.name})" in index


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_pages_do_not_mention_files_or_issues_outside_the_project(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for outside in (r"/work\b", r"/root\b", r"/home/", r"\.\./\.\./\.\.", r"\bshared/", r"\bissue #?\d", r"\bpypi\b"):
        assert not re.search(outside, text, re.IGNORECASE), outside
