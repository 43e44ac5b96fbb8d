"""Invalid content folders are refused, with the file, line and field of every issue."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.domain.errors import FolderIssue, InvalidFolderError
from api.services.booklets.folder import read_folder
from tests.services.booklets.folder.samples import Edit, write_second_booklet


def read_issues(path: Path) -> tuple[FolderIssue, ...]:
    with pytest.raises(InvalidFolderError) as caught:
        read_folder(path)
    return tuple(caught.value.issues)


# Each row: a name, an edit of the second booklet, the field of the issue, and a text on the line of the issue.

BODY = "      en: We walked, and she talked.\n"
WELSH_SLUG = "  cy: ail-lyfryn\n"
INVALID: list[tuple[str, Edit, str, str]] = [
    ("an alias", ("moments.yaml", BODY, "      en: &a We walked.\n      cy: *a\n"), "units.body.cy", "*a"),
    ("an anchor", ("moments.yaml", "en: We walked", "en: &walk We walked"), "units.body.en", "&walk"),
    ("a merge key", ("moments.yaml", BODY, f"{BODY}      <<: {{note: x}}\n"), "units.body.<<", "<<"),
    ("a tag", ("moments.yaml", "en: We walked", "en: !!str We walked"), "units.body.en", "!!str"),
    ("a custom tag", ("collection.yaml", "year: 2026", "year: !evil 2026"), "year", "!evil"),
    ("a duplicate key", ("moments.yaml", BODY, BODY + "      en: Again\n"), "units.body.en", "Again"),
    ("invalid YAML", ("collection.yaml", "year: 2026", "year: [2026"), "file", "licence:"),
    ("two documents", ("prompts.yaml", "- key", "--- []\n---\n- key"), "file", "---"),
    (
        "a mapping for a list",
        ("prompts.yaml", "- key: what-did-you-notice\n", "key: what-did-you-notice\nx:\n"),
        "file",
        "",
    ),
    (
        "nesting too deep",
        ("collection.yaml", "year: 2026", "year: [[[[[[[[[]]]]]]]]]"),
        "year[0][0][0][0][0][0]",
        "[[[[",
    ),
    ("an unknown key", ("moments.yaml", BODY, BODY + "      satte: x\n"), "units.body.satte", "satte"),
    ("an unknown field", ("prompts.yaml", "    text:\n", "    txet:\n"), "units.txet", "txet"),
    ("a key of another kind", ("prompts.yaml", "  stage:", "  number: 1\n  stage:"), "number", "number"),
    ("an unknown language", ("collection.yaml", "source_language: en", "source_language: fr"), "source_language", "fr"),
    ("a text in an unknown language", ("moments.yaml", BODY, BODY + "      fr: Rien\n"), "units.body.fr", "Rien"),
    ("a slug in an unknown language", ("collection.yaml", WELSH_SLUG, "  fr: x\n"), "slugs.fr", "fr: x"),
    ("an unknown state", ("prompts.yaml", "state: initial", "state: final"), "units.text.state", "final"),
    ("the source state", ("prompts.yaml", "state: initial", "state: source"), "units.text.state", "source"),
    ("an unknown origin", ("prompts.yaml", "origin: human", "origin: alien"), "units.text.origin", "alien"),
    ("a translation without state", ("prompts.yaml", "      state: initial\n", ""), "units.text.state", "text:"),
    ("a translation without origin", ("prompts.yaml", "      origin: human\n", ""), "units.text.origin", "text:"),
    (
        "a state without translation",
        ("moments.yaml", BODY, BODY + "      state: initial\n"),
        "units.body.state",
        "initial",
    ),
    ("a machine without tool", ("prompts.yaml", "origin: human", "origin: machine"), "units.text.tool", "machine"),
    ("a tool without machine", ("prompts.yaml", "human\n", "human\n      tool: pen\n"), "units.text.tool", "pen"),
    (
        "a review without reviewer",
        ("prompts.yaml", "state: initial", "state: reviewed"),
        "units.text.reviewed_by",
        "reviewed",
    ),
    (
        "no source text",
        ("moments.yaml", "      cy: Bob prynhawn Mawrth mae’r drws ar agor i bawb.\n", ""),
        "units.body.cy",
        "body:",
    ),
    ("a null source text", ("moments.yaml", "en: We walked, and she talked.", "en: null"), "units.body.en", "null"),
    (
        "empty units",
        ("moments.yaml", f"    title:\n      en: The long way home\n    body:\n{BODY}", "    {}\n"),
        "units",
        "{}",
    ),
    ("no units", ("prompts.yaml", "  units:", "  slug:"), "units", "- key"),
    ("a number for a text", ("prompts.yaml", "en: What did you notice?", "en: 42"), "units.text.en", "42"),
    ("yes for a text", ("prompts.yaml", "en: What did you notice?", "en: yes"), "units.text.en", "yes"),
    ("a list for a text", ("prompts.yaml", "en: What did you notice?", "en: [a]"), "units.text.en", "[a]"),
    ("an empty text", ("prompts.yaml", "en: What did you notice?", 'en: " "'), "units.text.en", '" "'),
    ("strong emphasis of Markdown", ("prompts.yaml", "en: What did", "en: What **did**"), "units.text.en", "*did"),
    ("an invisible character", ("prompts.yaml", "What did", "What\u200b did"), "units.text.en", "What"),
    ("half an emoji", ("prompts.yaml", "What did", "What 👩\u200d did"), "units.text.en", "What"),
    ("a line break in a title", ("collection.yaml", "en: A second booklet", 'en: "A\\nB"'), "units.title.en", '"A'),
    ("a text that is too long", ("prompts.yaml", "What did you notice?", "x" * 20_001), "units.text.en", "xxx"),
    ("a word for a number", ("moments.yaml", "number: 2", "number: two"), "number", "two"),
    ("an octal number", ("moments.yaml", "number: 2", "number: 02"), "number", "02"),
    ("a number that is too large", ("moments.yaml", "number: 2", "number: 99999999999999999999"), "number", "9999"),
    ("no number", ("moments.yaml", "  number: 2\n", ""), "number", "- key: the-long"),
    (
        "no category",
        ("moments.yaml", "  number: 2\n  category: listening\n", "  number: 2\n"),
        "category",
        "- key: the-long",
    ),
    ("a date for a year", ("collection.yaml", "year: 2026", "year: 2026-01-01"), "year", "2026-01-01"),
    ("an unknown stage", ("prompts.yaml", "stage: response", "stage: later"), "stage", "later"),
    ("no stage", ("prompts.yaml", "  stage: response\n", ""), "stage", "- key"),
    ("contents of an unknown kind", ("sections.yaml", "kind: category", "kind: chapter"), "contents.kind", "chapter"),
    (
        "a part in contents of another kind",
        ("sections.yaml", "kind: category", "kind: category\n    part: step"),
        "contents.part",
        "step",
    ),
    ("an invalid key", ("prompts.yaml", "key: what-did-you-notice", "key: What_did"), "key", "What_did"),
    ("no key", ("prompts.yaml", "- key: what-did-you-notice\n  source", "- source"), "key", "- source"),
    ("an invalid slug", ("prompts.yaml", "en: what-did-you-notice", "en: what--did"), "slugs.en", "what--did"),
    ("a reserved slug", ("prompts.yaml", "en: what-did-you-notice", "en: random"), "slugs.en", "random"),
    ("no slug in the source language", ("prompts.yaml", "en: what-did-you-notice", "en: null"), "slugs.en", "slugs:"),
    ("a key used twice", ("moments.yaml", "key: the-long-way-home", "key: paned-a-sgwrs"), "key", "- key: paned"),
    (
        "a slug used twice",
        ("moments.yaml", "en: the-long-way-home", "en: a-cuppa-and-a-chat"),
        "slugs.en",
        "en: a-cuppa",
    ),
    (
        "a slug used in the other language",
        ("moments.yaml", "    cy: null", "    cy: a-cuppa-and-a-chat"),
        "slugs.cy",
        "cy: a-cuppa",
    ),
    ("a number used twice", ("moments.yaml", "number: 2", "number: 1"), "number", "number: 1"),
    (
        "an unknown category",
        ("moments.yaml", "2\n  category: listening", "2\n  category: talking"),
        "category",
        "talking",
    ),
    (
        "an unknown section",
        ("sections.yaml", "part_of: null", "part_of: second-booklet-x"),
        "part_of",
        "second-booklet-x",
    ),
    (
        "a section that is part of itself",
        ("sections.yaml", "part_of: null", "part_of: second-booklet-foreword"),
        "part_of",
        "part_of",
    ),
    (
        "a section's slug without prefix",
        ("sections.yaml", "cy: ail-lyfryn-rhagair", "cy: rhagair"),
        "slugs.cy",
        "cy: rhagair",
    ),
    (
        "a section's slug without a collection's",
        ("collection.yaml", WELSH_SLUG, "  cy: null\n"),
        "slugs.cy",
        "cy: ail-lyfryn-rhagair",
    ),
    (
        "malformed line numbers",
        ("prompts.yaml", "human\n", "human\n      printed: p. 3\n"),
        "units.text.printed",
        "p. 3",
    ),
    (
        "descending line numbers",
        ("prompts.yaml", "human\n", "human\n      printed: 9-7\n"),
        "units.text.printed",
        "9-7",
    ),
    (
        "stands_in with an invalid id",
        ("prompts.yaml", "human\n", "human\n      stands_in: a.b\n"),
        "units.text.stands_in",
        "a.b",
    ),
    (
        "stands_in with an unknown id",
        ("prompts.yaml", "human\n", "human\n      stands_in: moment.paned-a-sgwrs.highlight\n"),
        "units.text.stands_in",
        "stands_in",
    ),
]


@pytest.mark.parametrize(
    ("edit", "field", "text_on_line"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID]
)
def test_an_invalid_folder_is_refused_with_file_line_and_field(
    tmp_path: Path, edit: Edit, field: str, text_on_line: str
) -> None:
    path = write_second_booklet(tmp_path / "b", [edit])
    issues = read_issues(path)
    assert issues, "nothing was refused"
    of_field = [issue for issue in issues if issue.field == field]
    assert of_field, [str(issue) for issue in issues]
    # An edit can make a reference in another file invalid.
    lines = (path / of_field[0].file).read_text().split("\n")
    assert text_on_line in lines[of_field[0].line - 1], (str(of_field[0]), lines[of_field[0].line - 1])
    assert of_field[0].message


def test_a_merge_key_is_reported_as_a_merge_key(tmp_path: Path) -> None:
    edits = [("moments.yaml", BODY, f"{BODY}      <<: {{note: x}}\n")]
    (issue,) = read_issues(write_second_booklet(tmp_path / "b", edits))
    assert "merge" in issue.message


def test_one_mistake_gives_only_one_issue(tmp_path: Path) -> None:
    issues = read_issues(write_second_booklet(tmp_path / "b", [("prompts.yaml", "state: initial", "state: final")]))
    assert [(issue.file, issue.line, issue.field) for issue in issues] == [("prompts.yaml", 11, "units.text.state")]


def test_the_issues_of_all_files_are_reported_together(tmp_path: Path) -> None:
    edits = [
        ("collection.yaml", "year: 2026", "year: soon"),
        ("moments.yaml", "number: 2", "number: 1"),
        ("prompts.yaml", "stage: response", "stage: later"),
    ]
    assert {issue.field for issue in read_issues(write_second_booklet(tmp_path / "b", edits))} == {
        "year",
        "number",
        "stage",
    }


def test_references_to_a_file_that_cannot_be_read_are_not_reported(tmp_path: Path) -> None:
    edits = [("categories.yaml", "- key", "- [key")]
    assert {issue.file for issue in read_issues(write_second_booklet(tmp_path / "b", edits))} == {"categories.yaml"}


def test_an_alias_bomb_is_refused_without_being_expanded(tmp_path: Path) -> None:
    bomb = "units: {title: {en: &a x, note: [*a,*a,*a]}}"
    edits = [("collection.yaml", "licence: null\nunits:\n", f"licence: null\n{bomb}\nx:\n")]
    assert {issue.field for issue in read_issues(write_second_booklet(tmp_path / "b", edits))} >= {
        "units.title.note[2]"
    }


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    data = (path / "prompts.yaml").read_bytes()
    (path / "prompts.yaml").write_bytes(data.replace(b"Beth wnaethoch", "Ŷ".encode("utf-16")))
    assert [(f.file, f.line, f.field) for f in read_issues(path)] == [("prompts.yaml", 10, "file")]


def test_a_file_with_a_control_character_is_refused(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b", [("prompts.yaml", "What did", "What\x00 did")])
    assert [(f.file, f.line, f.field) for f in read_issues(path)] == [("prompts.yaml", 9, "file")]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_second_booklet(tmp_path / "b")
    monkeypatch.setattr("api.services.booklets.folder.files.MAX_BYTES", 5_000)
    (path / "prompts.yaml").write_bytes(b"#" * 5_000)
    assert read_folder(path)
    (path / "prompts.yaml").write_bytes(b"#" * 5_001)
    assert [(f.file, f.line, f.field) for f in read_issues(path)] == [("prompts.yaml", 1, "file")]


def test_a_folder_without_a_collection_is_refused(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "collection.yaml").unlink()
    assert [(f.file, f.line, f.field) for f in read_issues(path)] == [("collection.yaml", 1, "file")]
    (path / "collection.yaml").write_text("# nothing\n")
    assert ("collection.yaml", 1, "file") in [(f.file, f.line, f.field) for f in read_issues(path)]
    assert read_issues(tmp_path / "nowhere")[0].file == "nowhere"


def test_a_link_to_a_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    shutil.move(path / "prompts.yaml", tmp_path / "prompts.yaml")
    (path / "prompts.yaml").symlink_to(tmp_path / "prompts.yaml")
    assert [(f.file, f.line, f.field) for f in read_issues(path)] == [("prompts.yaml", 1, "file")]
    (path / "prompts.yaml").unlink()
    shutil.move(tmp_path / "prompts.yaml", path / "real.txt")
    (path / "prompts.yaml").symlink_to(path / "real.txt")
    assert read_folder(path).get("prompt.what-did-you-notice")


def test_an_unknown_yaml_file_is_refused(tmp_path: Path) -> None:
    path = write_second_booklet(tmp_path / "b")
    (path / "prompts.yaml").rename(path / "prompt.yaml")
    assert [(f.file, f.line, f.field) for f in read_issues(path)] == [("prompt.yaml", 1, "file")]
