"""The reference page at /docs: the whole API document, in both languages, without a script."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from flask import Flask

from api.app import create_app
from api.domain.language import Language
from api.i18n import Translations
from api.pages.reference import Operation
from api.pages.reference_reader import ReferenceReader
from api.pages.reference_words import GROUPS, LABELS, SUMMARIES
from tests.conftest import make_settings
from tests.pages.parsed_page import ParsedPage
from tests.tools.openapi import list_operations, list_parameters, read_document

OPERATIONS = list_operations()
PUBLIC_URL = "https://api.example.cymru/hud"
every_language = pytest.mark.parametrize("language", Language)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return the application with an empty database, which is never read."""
    return create_app(make_settings(f"sqlite:///{tmp_path_factory.mktemp('reference') / 'none.sqlite'}"))


@pytest.fixture
def page(app: Flask, language: Language) -> ParsedPage:
    response = app.test_client().get(f"/docs?lang={language.value}")
    assert response.status_code == 200
    return ParsedPage(response)


@cache
def _translations() -> Translations:
    return Translations()


def _translate(language: Language, message: str) -> str:
    return _translations().gettext(language, message, {"count": "{count}"})


def _read_operations(language: Language) -> dict[str, Operation]:
    reader = ReferenceReader(read_document(), language, PUBLIC_URL)
    return {operation.id: operation for group in reader.groups for operation in reader.operations(group)}


@every_language
def test_the_page_has_every_operation_with_its_name_in_the_readers_language(
    page: ParsedPage, language: Language
) -> None:
    shown = page.texts("//details[contains(@class, 'operation')]/summary")
    expected = [
        f"{method.upper()} {path} {_translate(language, operation['summary'])}"
        for path, method, operation in OPERATIONS
    ]
    assert sorted(shown) == sorted(expected)


@every_language
def test_the_page_has_every_parameter_of_every_operation(page: ParsedPage) -> None:
    for path, method, operation in OPERATIONS:
        names = [parameter["name"] for parameter in list_parameters(path, method)]
        block = f"//div[@id='{operation['operationId']}']//dl[1]/div/@data-name"
        assert sorted(map(str, page.root.xpath(block))) == sorted(names), operation["operationId"]


@every_language
def test_the_page_has_every_schema_with_its_members(page: ParsedPage) -> None:
    for name, schema in read_document()["components"]["schemas"].items():
        members = page.texts(f"//div[@id='schema-{name}']/dl/div/dt/code[1]")
        assert members == list(schema.get("properties", ())), name


@every_language
def test_ids_are_unique_and_every_link_within_the_page_has_a_target(page: ParsedPage) -> None:
    ids = Counter(map(str, page.root.xpath("//@id")))
    assert {name: count for name, count in ids.items() if count > 1} == {}
    links = {str(href)[1:] for href in page.root.xpath("//a/@href[starts-with(., '#')]")}
    assert links - set(ids) == set()


def test_every_label_and_group_and_summary_has_a_welsh_translation() -> None:
    messages = {*LABELS.values(), *GROUPS.values(), *SUMMARIES}
    assert {text for text in messages if _translate(Language.CY, text) == text} == set()


def test_the_translated_groups_and_summaries_are_those_of_the_api_document() -> None:
    assert {operation["summary"] for _, _, operation in OPERATIONS} == set(SUMMARIES)
    assert {tag for _, _, operation in OPERATIONS for tag in operation["tags"]} == set(GROUPS)


def test_examples_and_commands_are_in_the_readers_language() -> None:
    for language in Language:
        operations = _read_operations(language)
        moment = operations["get_moment"]
        assert moment.example_path == f"/v1/moments/chain-reaction?lang={language.value}"
        assert moment.command == f"curl '{PUBLIC_URL}{moment.example_path}'"
        example = moment.responses[0].bodies[0].example
        assert example is not None
        assert f'"served": "{language.value}"' in example.text


def test_the_curl_command_of_a_write_has_the_token_and_headers_and_body() -> None:
    operations = _read_operations(Language.EN)
    command = operations["write_target"].command
    assert command.startswith("curl -X PUT -H 'Authorization: Bearer TOKEN' -H 'If-Match: ")
    assert "-H 'Content-Type: application/json' -d '{" in command
    assert command.endswith(f"{PUBLIC_URL}/v1/units/moment.chain-reaction.body/target")
    assert operations["delete_resource"].command.endswith("/v1/resources/moment.chain-reaction")


def test_the_base_path_of_the_public_url_is_part_of_examples_and_requests(tmp_path: Any) -> None:
    app = create_app(make_settings(f"sqlite:///{tmp_path / 'none.sqlite'}", public_url=PUBLIC_URL))
    page = ParsedPage(app.test_client().get("/docs?lang=en"))
    links = [str(href) for href in page.root.xpath("//details//p/a/@href")]
    assert links
    assert all(href.startswith("/hud/") for href in links)
    (template,) = page.root.xpath("//template[@id='try']")
    assert (template.get("data-base"), template.get("data-origin")) == ("/hud", PUBLIC_URL)


@every_language
def test_descriptions_in_english_are_marked_as_english(page: ParsedPage, language: Language) -> None:
    assert page.language_of("A page of moments in the language of the reader") == "en"
    assert page.language_of(_translate(language, "Get a moment")) == language.value
