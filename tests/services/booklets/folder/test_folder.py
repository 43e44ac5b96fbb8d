"""Reading, checking and writing content folders."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import InvalidTextError, WorkingResourceNotFoundError
from api.domain.kind import KINDS, ResourceId
from api.domain.language import Language
from api.domain.state import Origin, State
from api.domain.text import normalise
from api.services.booklets.folder import (
    Folder,
    FolderResource,
    FolderUnit,
    check_folder,
    read_folder,
    write_folder,
)
from api.services.booklets.folder.line_reference import parse_line_reference
from api.settings import ROOT
from tests.services.booklets.folder.samples import CLASHING_SLUG, MISSING_WELSH_ADDED, write_second_booklet
from tests.tools.properties import steady

CY, EN = Language.CY, Language.EN
BOOKLET = ROOT / "content" / "consultant-social-workers"


# Reading


def test_resources_are_ordered_by_kind_and_then_as_in_the_file(tmp_path: Path) -> None:
    folder = read_folder(write_second_booklet(tmp_path / "b"))
    assert folder.key == "second-booklet"
    assert [str(resource.id) for resource in folder.resources] == [
        "collection.second-booklet",
        "section.second-booklet-foreword",
        "category.listening",
        "moment.paned-a-sgwrs",
        "moment.the-long-way-home",
        "ground-rule.one-at-a-time",
        "prompt.what-did-you-notice",
    ]


def test_a_moment_first_written_in_welsh_has_english_as_its_target(tmp_path: Path) -> None:
    moment = read_folder(write_second_booklet(tmp_path / "b")).get(ResourceId("moment", "paned-a-sgwrs"))
    assert moment.source_language is CY
    assert moment.slugs == {CY: "paned-a-sgwrs", EN: "a-cuppa-and-a-chat"}
    title, body = moment.units
    assert (title.state, title.origin, title.reviewed_by) == (State.REVIEWED, Origin.HUMAN, "Second Reader")
    assert body.texts[EN] == "Every Tuesday afternoon the door is open to *everyone*."
    assert (body.origin, body.source_origin, body.note) == (
        Origin.POST_EDITED,
        Origin.HUMAN,
        "The emphasis is the speaker's.",
    )


def test_a_unit_without_a_translation_has_no_state_and_no_origin(tmp_path: Path) -> None:
    moment = read_folder(write_second_booklet(tmp_path / "b")).get("moment.the-long-way-home")
    assert [(list(unit.texts), unit.state, unit.origin) for unit in moment.units] == [([EN], None, None)] * 2


def test_the_facts_of_a_resource_include_every_fact_of_its_kind(tmp_path: Path) -> None:
    folder = read_folder(write_second_booklet(tmp_path / "b"))
    assert folder.get("collection.second-booklet").facts == {
        "position": 3,
        "publisher": None,
        "year": 2026,
        "licence": None,
    }
    section = folder.get("section.second-booklet-foreword")
    assert section.facts == {"author": None, "part_of": None, "contents": {"kind": "category"}}
    assert folder.get("prompt.what-did-you-notice").facet == "response"


def test_any_file_except_the_collection_file_may_be_missing_or_empty(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "prompts.yaml").unlink()
    (path / "ground-rules.yaml").write_text("# none yet\n")
    assert {resource.id.kind for resource in read_folder(path).resources} == {
        "collection",
        "section",
        "category",
        "moment",
    }


def test_texts_are_normalised_to_nfc(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Tŷ bach twt, sgôr ŵyl")
    assert decomposed != "Tŷ bach twt, sgôr ŵyl"
    path = write_second_booklet(tmp_path / "b", [("moments.yaml", "We walked, and she talked.", decomposed)])
    _, body = read_folder(path).get("moment.the-long-way-home").units
    assert body.texts[EN] == "Tŷ bach twt, sgôr ŵyl"


def test_files_for_editors_are_allowed_and_not_read(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    folder = read_folder(path)
    (path / "booklet.en.md").write_text("not a line of the content\n")
    (path / "furniture.yaml").write_text("neither list nor questions\n")
    assert read_folder(path) == folder
    assert check_folder(folder) == []


def test_getting_an_unknown_resource_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorkingResourceNotFoundError):
        read_folder(write_second_booklet(tmp_path / "b")).get("moment.nothing")


# Checking


def test_the_second_booklet_has_no_issues(tmp_path: Path) -> None:
    assert check_folder(read_folder(write_second_booklet(tmp_path / "a"))) == []
    assert check_folder(read_folder(write_second_booklet(tmp_path / "b", [MISSING_WELSH_ADDED]))) == []


@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_highlight_that_does_not_occur_in_the_body_is_reported_in_each_language(
    tmp_path: Path, language: str
) -> None:
    old, new = {
        "en": ("They were not small to us\n", "They were small\n"),
        "cy": ("      cy: Nid oeddent", "      cy: Nid oedd"),
    }[language]
    issues = check_folder(read_folder(write_second_booklet(tmp_path / "b", [("sections.yaml", old, new)])))
    assert [(f.file, f.field) for f in issues] == [("sections.yaml", f"units.highlight.{language}")]
    lines = (tmp_path / "b" / "sections.yaml").read_text().split("\n")
    assert new.strip() in lines[issues[0].line - 1]


def test_a_text_is_reported_if_the_text_that_should_contain_it_does_not(tmp_path: Path) -> None:
    inner = "human\n      stands_in: moment.the-long-way-home.body\n"
    edits = [("prompts.yaml", "human\n", inner), ("prompts.yaml", "en: What did you notice?", "en: SHE talked")]
    assert check_folder(read_folder(write_second_booklet(tmp_path / "a", edits))) == []
    edits[1] = ("prompts.yaml", "en: What did you notice?", "en: They talked")
    issues = check_folder(read_folder(write_second_booklet(tmp_path / "b", edits)))
    assert [(f.file, f.line, f.field) for f in issues] == [("prompts.yaml", 9, "units.text.en")]


def test_invalid_ids_are_reported() -> None:
    unit = FolderUnit("body", {EN: "x"})
    resource = FolderResource(
        ResourceId("moment", "A b"), EN, {EN: "a"}, 1, None, None, {}, (replace(unit, field="x"),)
    )
    assert [f.field for f in check_folder(Folder("k", (resource,)))] == ["key", "units.x"]


def test_a_line_reference_must_list_lines_in_ascending_order() -> None:
    assert parse_line_reference("129+131") == [(129, 129), (131, 131)]
    assert parse_line_reference("25-29+31") == [(25, 29), (31, 31)]
    assert [parse_line_reference(text) for text in ("", "0", "9-7", "3+3", "5-", "1,2", "٣")] == [None] * 7


# Writing


def test_reading_a_written_folder_gives_the_same_folder(tmp_path: Path) -> None:
    folder = read_folder(write_second_booklet(tmp_path / "b"))
    write_folder(folder, tmp_path / "out")
    assert read_folder(tmp_path / "out") == folder
    for file in sorted((tmp_path / "out").iterdir()):
        assert file.read_text() == (tmp_path / "b" / file.name).read_text()


def test_writing_the_committed_booklet_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = read_folder(BOOKLET)
    write_folder(folder, tmp_path)
    assert read_folder(tmp_path) == folder
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert written == {name: (BOOKLET / name).read_bytes() for name in written}
    assert len(written) == len(KINDS)


def test_writing_a_folder_deletes_the_file_of_a_kind_that_has_no_resources(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "README.md").write_text("kept")
    folder = read_folder(path)
    write_folder(replace(folder, resources=tuple(r for r in folder.resources if r.id.kind != "prompt")), path)
    assert not (path / "prompts.yaml").exists()
    assert (path / "README.md").read_text() == "kept"
    assert CLASHING_SLUG[1] in (path / "moments.yaml").read_text()


def is_text(text: str) -> bool:
    try:
        return normalise(text) == text
    except InvalidTextError:
        return False


@steady
@given(
    st.text(min_size=1, max_size=200).filter(is_text)
    | st.sampled_from(["yes", "1_000", "a: b", "- x", "null", "=", "x #y", "'", '"', "\\", "a\n\n b"]).filter(is_text)
)
def test_any_text_is_written_and_read_back_unchanged(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("folder")
    unit = FolderUnit("text", {EN: text}, note=text)
    sample = FolderResource(ResourceId("prompt", "p"), EN, {EN: "p", CY: None}, None, None, "after", {}, (unit,))
    title = FolderUnit("title", {EN: "T"})
    facts: dict[str, object] = {"position": None, "publisher": None, "year": None, "licence": None}
    top = FolderResource(ResourceId("collection", "c"), EN, {EN: "c", CY: None}, None, None, None, facts, (title,))
    folder = Folder("c", (top, sample))
    write_folder(folder, path)
    assert read_folder(path) == folder
    assert yaml.safe_load((path / "prompts.yaml").read_text())[0]["units"]["text"]["en"] == text
