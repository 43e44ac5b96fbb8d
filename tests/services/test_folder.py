"""Content folders: what is read, what is refused and where, and that writing is the reverse of reading."""

from __future__ import annotations

import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import FolderFault, FolderRefused, TextRefused, UnknownResource
from api.domain.kind import KINDS, ResourceId
from api.domain.language import Language
from api.domain.state import Origin, State
from api.domain.text import normalise
from api.services.folder import Folder, FolderResource, FolderUnit, booklet_map, check_folder, read_folder, write_folder
from api.services.folder.printed import parse_printed
from tests.services.folder_samples import CLASHING_SLUG, MISSING_WELSH_GIVEN, MOMENTS, Edit, write_second_booklet

CY, EN = Language.CY, Language.EN
BOOKLET = Path(__file__).parents[2] / "content" / "consultant-social-workers"


def refusal(path: Path) -> tuple[FolderFault, ...]:
    with pytest.raises(FolderRefused) as refused:
        read_folder(path)
    return tuple(refused.value.faults)


def read_text(tmp_path: Path, text: str) -> str | None:
    """``text`` as the body of a moment, read."""
    folder = write_second_booklet(tmp_path / "b", [("moments.yaml", "We walked, and she talked.", text)])
    unit = read_folder(folder).get("moment.the-long-way-home").find_unit("body")
    return unit and unit.texts[EN]


# What is read


def test_resources_come_in_the_order_of_kinds_and_then_of_the_file(tmp_path: Path) -> None:
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


def test_a_text_without_target_has_neither_state_nor_origin(tmp_path: Path) -> None:
    moment = read_folder(write_second_booklet(tmp_path / "b")).get("moment.the-long-way-home")
    assert [(list(unit.texts), unit.state, unit.origin) for unit in moment.units] == [([EN], None, None)] * 2


def test_facts_have_every_key_of_their_kind(tmp_path: Path) -> None:
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


def test_a_file_of_a_kind_may_be_missing_or_empty(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "prompts.yaml").unlink()
    (path / "ground-rules.yaml").write_text("# none yet\n")
    assert {resource.id.kind for resource in read_folder(path).resources} == {
        "collection",
        "section",
        "category",
        "moment",
    }


def test_texts_are_kept_in_nfc(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Tŷ bach twt, sgôr ŵyl")
    assert decomposed != "Tŷ bach twt, sgôr ŵyl"
    assert read_text(tmp_path, decomposed) == "Tŷ bach twt, sgôr ŵyl"


def test_a_resource_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(UnknownResource):
        read_folder(write_second_booklet(tmp_path / "b")).get("moment.nothing")


# What is refused, and where: the fault's line holds the text named last.

TALK = "      en: We walked, and she talked.\n"
WITH_TARGET = f"{TALK}      cy: Cerddon ni.\n"
COLLECTION_LINE = "  cy: ail-lyfryn\n"
REFUSED: list[tuple[str, Edit, str, str]] = [
    ("an alias", ("moments.yaml", TALK, "      en: &a We walked.\n      cy: *a\n"), "units.body.cy", "*a"),
    ("an anchor", ("moments.yaml", "en: We walked", "en: &walk We walked"), "units.body.en", "&walk"),
    ("a merge key", ("moments.yaml", TALK, f"{TALK}      <<: {{note: x}}\n"), "units.body.<<", "<<"),
    ("a tag", ("moments.yaml", "en: We walked", "en: !!str We walked"), "units.body.en", "!!str"),
    ("a tag of one's own", ("collection.yaml", "year: 2026", "year: !evil 2026"), "year", "!evil"),
    ("a key twice", ("moments.yaml", TALK, TALK + "      en: Again\n"), "units.body.en", "Again"),
    ("broken YAML", ("moments.yaml", "en: We walked", "en: [We walked"), "file", "units:"),
    ("two documents", ("prompts.yaml", "- key", "--- []\n---\n- key"), "file", "---"),
    (
        "a list that is none",
        ("prompts.yaml", "- key: what-did-you-notice\n", "key: what-did-you-notice\nx:\n"),
        "file",
        "",
    ),
    ("nesting", ("collection.yaml", "year: 2026", "year: [[[[[[[[[]]]]]]]]]"), "year[0][0][0][0][0][0]", "[[[["),
    ("an unknown key", ("moments.yaml", TALK, TALK + "      satte: x\n"), "units.body.satte", "satte"),
    ("an unknown field", ("prompts.yaml", "    text:\n", "    txet:\n"), "units.txet", "txet"),
    ("a key of another kind", ("prompts.yaml", "  stage:", "  number: 1\n  stage:"), "number", "number"),
    ("a language", ("collection.yaml", "source_language: en", "source_language: fr"), "source_language", "fr"),
    ("a language's text", ("moments.yaml", TALK, TALK + "      fr: Rien\n"), "units.body.fr", "Rien"),
    ("a language's slug", ("collection.yaml", COLLECTION_LINE, "  fr: x\n"), "slugs.fr", "fr: x"),
    ("a state", ("prompts.yaml", "state: initial", "state: final"), "units.text.state", "final"),
    ("a state of a source", ("prompts.yaml", "state: initial", "state: source"), "units.text.state", "source"),
    ("an origin", ("prompts.yaml", "origin: human", "origin: alien"), "units.text.origin", "alien"),
    ("no state", ("prompts.yaml", "      state: initial\n", ""), "units.text.state", "text:"),
    ("no origin", ("prompts.yaml", "      origin: human\n", ""), "units.text.origin", "text:"),
    ("a state of nothing", ("moments.yaml", TALK, TALK + "      state: initial\n"), "units.body.state", "initial"),
    ("no tool", ("prompts.yaml", "origin: human", "origin: machine"), "units.text.tool", "machine"),
    ("a tool of a person", ("prompts.yaml", "human\n", "human\n      tool: pen\n"), "units.text.tool", "pen"),
    ("no reviewer", ("prompts.yaml", "state: initial", "state: reviewed"), "units.text.reviewed_by", "reviewed"),
    (
        "no source",
        ("moments.yaml", "      cy: Bob prynhawn Mawrth mae’r drws ar agor i bawb.\n", ""),
        "units.body.cy",
        "body:",
    ),
    ("a null source", ("moments.yaml", "en: We walked, and she talked.", "en: null"), "units.body.en", "null"),
    (
        "no unit",
        ("moments.yaml", f"    title:\n      en: The long way home\n    body:\n{TALK}", "    {}\n"),
        "units",
        "{}",
    ),
    ("no units", ("prompts.yaml", "  units:", "  slug:"), "units", "- key"),
    ("a number for a text", ("prompts.yaml", "en: What did you notice?", "en: 42"), "units.text.en", "42"),
    ("yes for a text", ("prompts.yaml", "en: What did you notice?", "en: yes"), "units.text.en", "yes"),
    ("a list for a text", ("prompts.yaml", "en: What did you notice?", "en: [a]"), "units.text.en", "[a]"),
    ("an empty text", ("prompts.yaml", "en: What did you notice?", 'en: " "'), "units.text.en", '" "'),
    ("an unpaired mark", ("prompts.yaml", "en: What did", "en: What *did"), "units.text.en", "*did"),
    ("an invisible character", ("prompts.yaml", "What did", "What\u200b did"), "units.text.en", "What"),
    ("a line break in a title", ("collection.yaml", "en: A second booklet", 'en: "A\\nB"'), "units.title.en", '"A'),
    ("a text too long", ("prompts.yaml", "What did you notice?", "x" * 20_001), "units.text.en", "xxx"),
    ("a word for a number", ("moments.yaml", "number: 2", "number: two"), "number", "two"),
    ("an octal number", ("moments.yaml", "number: 2", "number: 02"), "number", "02"),
    ("a number too great", ("moments.yaml", "number: 2", "number: 99999999999999999999"), "number", "9999"),
    ("no number", ("moments.yaml", "  number: 2\n", ""), "number", "- key: the-long"),
    (
        "no category",
        ("moments.yaml", "  number: 2\n  category: listening\n", "  number: 2\n"),
        "category",
        "- key: the-long",
    ),
    ("a date for a year", ("collection.yaml", "year: 2026", "year: 2026-01-01"), "year", "2026-01-01"),
    ("a stage", ("prompts.yaml", "stage: response", "stage: later"), "stage", "later"),
    ("no stage", ("prompts.yaml", "  stage: response\n", ""), "stage", "- key"),
    ("contents of no kind", ("sections.yaml", "kind: category", "kind: chapter"), "contents.kind", "chapter"),
    (
        "a part of another kind",
        ("sections.yaml", "kind: category", "kind: category\n    part: step"),
        "contents.part",
        "step",
    ),
    ("a bad key", ("prompts.yaml", "key: what-did-you-notice", "key: What_did"), "key", "What_did"),
    ("no key", ("prompts.yaml", "- key: what-did-you-notice\n  source", "- source"), "key", "- source"),
    ("a bad slug", ("prompts.yaml", "en: what-did-you-notice", "en: what--did"), "slugs.en", "what--did"),
    ("a reserved slug", ("prompts.yaml", "en: what-did-you-notice", "en: random"), "slugs.en", "random"),
    ("no slug", ("prompts.yaml", "en: what-did-you-notice", "en: null"), "slugs.en", "slugs:"),
    ("a key already taken", ("moments.yaml", "key: the-long-way-home", "key: paned-a-sgwrs"), "key", "- key: paned"),
    (
        "a slug already taken",
        ("moments.yaml", "en: the-long-way-home", "en: a-cuppa-and-a-chat"),
        "slugs.en",
        "en: a-cuppa",
    ),
    (
        "a slug of the other language",
        ("moments.yaml", "    cy: null", "    cy: a-cuppa-and-a-chat"),
        "slugs.cy",
        "cy: a-cuppa",
    ),
    ("a number already taken", ("moments.yaml", "number: 2", "number: 1"), "number", "number: 1"),
    ("no such category", ("moments.yaml", "2\n  category: listening", "2\n  category: talking"), "category", "talking"),
    ("no such section", ("sections.yaml", "part_of: null", "part_of: second-booklet-x"), "part_of", "second-booklet-x"),
    (
        "a section in itself",
        ("sections.yaml", "part_of: null", "part_of: second-booklet-foreword"),
        "part_of",
        "part_of",
    ),
    ("a section's own slug", ("sections.yaml", "cy: ail-lyfryn-rhagair", "cy: rhagair"), "slugs.cy", "cy: rhagair"),
    (
        "a slug without a collection's",
        ("collection.yaml", COLLECTION_LINE, "  cy: null\n"),
        "slugs.cy",
        "cy: ail-lyfryn-rhagair",
    ),
    ("lines that are none", ("prompts.yaml", "human\n", "human\n      printed: p. 3\n"), "units.text.printed", "p. 3"),
    ("lines backwards", ("prompts.yaml", "human\n", "human\n      printed: 9-7\n"), "units.text.printed", "9-7"),
    (
        "an inner text of no unit",
        ("prompts.yaml", "human\n", "human\n      stands_in: a.b\n"),
        "units.text.stands_in",
        "a.b",
    ),
    (
        "an inner text of an unknown unit",
        ("prompts.yaml", "human\n", "human\n      stands_in: moment.paned-a-sgwrs.highlight\n"),
        "units.text.stands_in",
        "stands_in",
    ),
]


@pytest.mark.parametrize(("edit", "field", "at"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_with_file_line_and_field(tmp_path: Path, edit: Edit, field: str, at: str) -> None:
    path = write_second_booklet(tmp_path / "b", [edit])
    faults = refusal(path)
    assert faults, "nothing was refused"
    found = [fault for fault in faults if fault.field == field]
    assert found, [str(fault) for fault in faults]
    # The fault may be in another file than the edit, where that made a name wrong.
    lines = (path / found[0].file).read_text().split("\n")
    assert at in lines[found[0].line - 1], (str(found[0]), lines[found[0].line - 1])
    assert found[0].message


def test_no_more_is_refused_than_what_is_wrong(tmp_path: Path) -> None:
    faults = refusal(write_second_booklet(tmp_path / "b", [("prompts.yaml", "state: initial", "state: final")]))
    assert [(fault.file, fault.line, fault.field) for fault in faults] == [("prompts.yaml", 11, "units.text.state")]


def test_all_faults_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    edits = [
        ("collection.yaml", "year: 2026", "year: soon"),
        ("moments.yaml", "number: 2", "number: 1"),
        ("prompts.yaml", "stage: response", "stage: later"),
    ]
    assert {fault.field for fault in refusal(write_second_booklet(tmp_path / "b", edits))} == {
        "year",
        "number",
        "stage",
    }


def test_a_file_that_cannot_be_read_does_not_make_its_names_unknown(tmp_path: Path) -> None:
    edits = [("categories.yaml", "- key", "- [key")]
    assert {fault.file for fault in refusal(write_second_booklet(tmp_path / "b", edits))} == {"categories.yaml"}


def test_a_bomb_of_aliases_is_refused_as_it_stands(tmp_path: Path) -> None:
    bomb = "units: {title: {en: &a x, note: [*a,*a,*a]}}"
    edits = [("collection.yaml", "licence: null\nunits:\n", f"licence: null\n{bomb}\nx:\n")]
    assert {fault.field for fault in refusal(write_second_booklet(tmp_path / "b", edits))} >= {"units.title.note[2]"}


def test_refuses_what_is_not_utf_8(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    data = (path / "prompts.yaml").read_bytes()
    (path / "prompts.yaml").write_bytes(data.replace(b"Beth wnaethoch", "Ŷ".encode("utf-16")))
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("prompts.yaml", 10, "file")]


def test_refuses_control_characters(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b", [("prompts.yaml", "What did", "What\x00 did")])
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("prompts.yaml", 9, "file")]


def test_refuses_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_second_booklet(tmp_path / "b")
    monkeypatch.setattr("api.services.folder.reading.MAX_BYTES", len(MOMENTS.encode()) - 1)
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("moments.yaml", 1, "file")]


def test_refuses_a_folder_without_a_collection(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "collection.yaml").unlink()
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("collection.yaml", 1, "file")]
    (path / "collection.yaml").write_text("# nothing\n")
    assert ("collection.yaml", 1, "file") in [(f.file, f.line, f.field) for f in refusal(path)]
    assert refusal(tmp_path / "nowhere")[0].file == "nowhere"


def test_refuses_links_that_lead_out_of_the_folder(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    shutil.move(path / "prompts.yaml", tmp_path / "prompts.yaml")
    (path / "prompts.yaml").symlink_to(tmp_path / "prompts.yaml")
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("prompts.yaml", 1, "file")]
    (path / "prompts.yaml").unlink()
    shutil.move(tmp_path / "prompts.yaml", path / "real.txt")
    (path / "prompts.yaml").symlink_to(path / "real.txt")
    assert read_folder(path).get("prompt.what-did-you-notice")


def test_refuses_a_file_whose_name_is_misspelt(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "prompts.yaml").rename(path / "prompt.yaml")
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("prompt.yaml", 1, "file")]


def test_refuses_furniture_without_a_reason(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "furniture.yaml").write_text('left_out:\n  - lines: "3"\nquestions: []\n')
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("furniture.yaml", 2, "left_out[0].reason")]


# What checking finds


def test_the_second_booklet_has_nothing_wrong(tmp_path: Path) -> None:
    assert check_folder(read_folder(write_second_booklet(tmp_path / "a"))) == []
    assert check_folder(read_folder(write_second_booklet(tmp_path / "b", [MISSING_WELSH_GIVEN]))) == []


@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_highlight_that_drifted_from_its_body_is_found_in_either_language(tmp_path: Path, language: str) -> None:
    old, new = {
        "en": ("They were not small to us\n", "They were small\n"),
        "cy": ("      cy: Nid oeddent", "      cy: Nid oedd"),
    }[language]
    faults = check_folder(read_folder(write_second_booklet(tmp_path / "b", [("sections.yaml", old, new)])))
    assert [(f.file, f.field) for f in faults] == [("sections.yaml", f"units.highlight.{language}")]
    lines = (tmp_path / "b" / "sections.yaml").read_text().split("\n")
    assert new.strip() in lines[faults[0].line - 1]


def test_an_inner_text_that_drifted_is_found(tmp_path: Path) -> None:
    inner = "human\n      stands_in: moment.the-long-way-home.body\n"
    edits = [("prompts.yaml", "human\n", inner), ("prompts.yaml", "en: What did you notice?", "en: SHE talked")]
    assert check_folder(read_folder(write_second_booklet(tmp_path / "a", edits))) == []
    edits[1] = ("prompts.yaml", "en: What did you notice?", "en: He talked")
    faults = check_folder(read_folder(write_second_booklet(tmp_path / "b", edits)))
    assert [(f.file, f.line, f.field) for f in faults] == [("prompts.yaml", 9, "units.text.en")]


def test_english_that_the_booklet_does_not_print_is_found(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b", [("prompts.yaml", "human\n", 'human\n      printed: "2"\n')])
    (path / "booklet.en.md").write_text("# A second booklet\n- “What **did** you notice?”\n")
    assert check_folder(read_folder(path)) == []
    (path / "booklet.en.md").write_text("# A second booklet\n- What do you notice?\n")
    assert [(f.line, f.field) for f in check_folder(read_folder(path))] == [(9, "units.text.en")]
    (path / "booklet.en.md").write_text("What did you notice?")
    assert [f.field for f in check_folder(read_folder(path))] == ["units.text.printed"]


def test_an_id_that_is_none_is_found() -> None:
    unit = FolderUnit("body", {EN: "x"})
    resource = FolderResource(
        ResourceId("moment", "A b"), EN, {EN: "a"}, 1, None, None, {}, (replace(unit, field="x"),)
    )
    assert [f.field for f in check_folder(Folder("k", (resource,)))] == ["key", "units.x"]


def test_lines_are_named_in_order() -> None:
    assert parse_printed("129+131") == [(129, 129), (131, 131)]
    assert parse_printed("25-29+31") == [(25, 29), (31, 31)]
    assert [parse_printed(text) for text in ("", "0", "9-7", "3+3", "5-", "1,2", "٣")] == [None] * 7


def test_the_map_names_lines_that_are_placed_nowhere(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b", [("prompts.yaml", "human\n", 'human\n      printed: "2"\n')])
    page = booklet_map(read_folder(path), "Lost\nWhat did you notice?\n")
    assert "## Placed nowhere\n\n- 1: Lost\n" in page
    assert "| 2 | `prompt.what-did-you-notice.text` | |" in page


# Writing


def test_what_was_written_reads_as_the_same_folder(tmp_path: Path) -> None:
    folder = read_folder(write_second_booklet(tmp_path / "b"))
    write_folder(folder, tmp_path / "out")
    assert read_folder(tmp_path / "out") == folder
    for file in sorted((tmp_path / "out").iterdir()):
        assert file.read_text() == (tmp_path / "b" / file.name).read_text()


def test_the_booklet_written_again_is_the_same_bytes(tmp_path: Path) -> None:
    folder = read_folder(BOOKLET)
    write_folder(folder, tmp_path)
    assert read_folder(tmp_path) == folder
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert written == {name: (BOOKLET / name).read_bytes() for name in written}
    assert len(written) == len(KINDS)


def test_the_file_of_a_kind_that_has_no_more_resources_is_removed(tmp_path: Path) -> None:
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
    except TextRefused:
        return False


@given(
    st.text(min_size=1, max_size=200).filter(is_text)
    | st.sampled_from(["yes", "1_000", "a: b", "- x", "null", "=", "x #y", "'", '"', "\\", "a\n\n b"]).filter(is_text)
)
def test_any_text_is_written_so_that_it_reads_as_itself(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
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
