"""What of a content folder is refused, each with its file, line and field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.domain.errors import FolderIssue, InvalidFolderError
from api.services.booklets.folder import read_folder
from tests.services.booklets.folder.samples import Edit, write_second_booklet


def refusal(path: Path) -> tuple[FolderIssue, ...]:
    with pytest.raises(InvalidFolderError) as refused:
        read_folder(path)
    return tuple(refused.value.issues)


# What is wrong, the edit that makes it so, the fault's field, and a text that stands on the fault's line.

TALK = "      en: We walked, and she talked.\n"
COLLECTION_LINE = "  cy: ail-lyfryn\n"
REFUSED: list[tuple[str, Edit, str, str]] = [
    ("an alias", ("moments.yaml", TALK, "      en: &a We walked.\n      cy: *a\n"), "units.body.cy", "*a"),
    ("an anchor", ("moments.yaml", "en: We walked", "en: &walk We walked"), "units.body.en", "&walk"),
    ("a merge key", ("moments.yaml", TALK, f"{TALK}      <<: {{note: x}}\n"), "units.body.<<", "<<"),
    ("a tag", ("moments.yaml", "en: We walked", "en: !!str We walked"), "units.body.en", "!!str"),
    ("a tag of one's own", ("collection.yaml", "year: 2026", "year: !evil 2026"), "year", "!evil"),
    ("a key twice", ("moments.yaml", TALK, TALK + "      en: Again\n"), "units.body.en", "Again"),
    ("broken YAML", ("collection.yaml", "year: 2026", "year: [2026"), "file", "licence:"),
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


def test_a_merge_key_is_called_one(tmp_path: Path) -> None:
    edits = [("moments.yaml", TALK, f"{TALK}      <<: {{note: x}}\n")]
    (fault,) = refusal(write_second_booklet(tmp_path / "b", edits))
    assert "merge" in fault.message


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
    monkeypatch.setattr("api.services.booklets.folder.reading.MAX_BYTES", 5_000)
    (path / "prompts.yaml").write_bytes(b"#" * 5_000)
    assert read_folder(path)
    (path / "prompts.yaml").write_bytes(b"#" * 5_001)
    assert [(f.file, f.line, f.field) for f in refusal(path)] == [("prompts.yaml", 1, "file")]


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
