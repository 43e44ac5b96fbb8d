"""The check of the message catalogs finds no issue in the catalogs, and every issue planted in a copy."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from api.i18n import CATALOGS_FOLDER, Translations
from tools import catalogs
from tools.catalogs import check_catalogs, find_issues, template_file, welsh_file, write

CODE = '''\
"""A module."""
TITLE = N_("Not found")
DETAIL = N_("There is no release with the number ‘{number}’.")
MOMENTS = Nn_("{n} moment", "{n} moments")
'''
HEADER = re.compile(r"\A.*?\n\n", re.DOTALL)
WELSH = """
msgid "Not found"
msgstr "Heb ei ganfod"

msgid "There is no release with the number ‘{number}’."
msgstr "Nid oes cyhoeddiad â’r rhif ‘{number}’."

msgid "{n} moment"
msgid_plural "{n} moments"
msgstr[0] "Dim eiliad hud"
msgstr[1] "{n} eiliad hud"
msgstr[2] "Dwy eiliad hud"
msgstr[3] "{n} eiliad hud"
msgstr[4] "{n} eiliad hud"
msgstr[5] "{n} eiliad hud"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a small package with messages."""
    package = tmp_path / "api"
    (package / "templates").mkdir(parents=True)
    (package / "module.py").write_text(CODE, encoding="utf-8")
    (package / "templates" / "page.html").write_text("<h1>{{ translate(title) }}</h1>", encoding="utf-8")
    return package


@pytest.fixture
def folder(source: Path, tmp_path: Path) -> Path:
    """Return complete catalogs for the package."""
    folder = tmp_path / "translations"
    shutil.copytree(CATALOGS_FOLDER, folder)
    file = welsh_file(folder)
    header = HEADER.match(file.read_text(encoding="utf-8"))
    assert header is not None
    file.write_text(header[0] + WELSH, encoding="utf-8")
    write(source, folder)
    assert find_issues(source, folder) == []
    return folder


def _plant(folder: Path, old: str, new: str) -> None:
    text = welsh_file(folder).read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    welsh_file(folder).write_text(text.replace(old, new), encoding="utf-8")


def test_catalogs_are_complete() -> None:
    assert find_issues() == []


def test_updating_complete_catalogs_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "translations"
    shutil.copytree(CATALOGS_FOLDER, folder)
    write(folder=folder)
    for file in (template_file, welsh_file):
        assert file(folder).read_bytes() == file(CATALOGS_FOLDER).read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "issue"),
    [
        ('msgstr "Heb ei ganfod"', 'msgstr ""', "it has no Welsh"),
        ('msgstr "Heb ei ganfod"', 'msgstr "Not found"', "its Welsh is the English"),
        ('msgstr "Heb ei ganfod"', "msgstr \"Heb ei 'ganfod'\"", "a straight '"),
        ('msgstr "Heb ei ganfod"', 'msgstr "Heb & hebddo"', "& instead of a or ac"),
        ('msgstr "Heb ei ganfod"', 'msgstr "Heb y ty\u0302"', "it is not NFC"),
        ('msgstr "Heb ei ganfod"', 'msgstr "Heb ei ganfod: {slug}"', "the placeholder {slug} is not in the English"),
        ('msgstr "Heb ei ganfod"', 'msgstr "Heb ei {ganfod"', "its placeholders cannot be parsed"),
        ("â’r rhif ‘{number}’", "â’r rhif hwn", "the placeholder {number} is missing"),
        ("â’r rhif ‘{number}’", "o {number}", "would have to mutate"),
        ("â’r rhif ‘{number}’", "â’i {number}", "would have to mutate"),
        ('msgstr[2] "Dwy eiliad hud"', 'msgstr[2] ""', "a form has no Welsh"),
        ('msgstr[2] "Dwy eiliad hud"', 'msgstr[2] "{m} eiliad hud"', "the placeholder {m} is not in the English"),
        ('msgstr[5] "{n} eiliad hud"\n', "", "a form has no Welsh"),
        ("nplurals=6", "nplurals=7", "not CLDR’s"),
        ("(n == 6)", "(n == 7)", "not CLDR’s"),
        ("Plural-Forms", "X-Forms", "the header has no rule for plurals"),
        ('msgid "Not found"', '#, fuzzy\nmsgid "Not found"', "it is fuzzy"),
        ('msgid "Not found"', 'msgid "Found"', "is missing"),
        ('msgid "Not found"', 'msgid "Found"', "is no longer in the code"),
        ('msgid "Not found"\nmsgstr', '#~ msgid "Not found"\n#~ msgstr', "is obsolete"),
        ('msgid "Not found"', 'mesgid "Not found"', "cannot be read"),
    ],
)
def test_planted_issues_are_found(source: Path, folder: Path, old: str, new: str, issue: str) -> None:
    _plant(folder, old, new)
    issues = find_issues(source, folder)
    assert any(issue in found for found in issues), issues


def test_a_welsh_message_with_only_five_plural_forms_is_reported(source: Path, folder: Path) -> None:
    _plant(folder, "nplurals=6", "nplurals=5")
    _plant(folder, 'msgstr[5] "{n} eiliad hud"\n', "")
    assert "messages.po: “{n} moment”: it has 5 forms, not 6" in find_issues(source, folder)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("module.py", 'translations.gettext(language, "Nothing")'),
        ("module.py", 'translations.ngettext(language, "one", "many")'),
        ("templates/page.html", "{{ translate('Nothing') }}"),
    ],
)
def test_unmarked_messages_are_found(source: Path, folder: Path, file: str, line: str) -> None:
    (source / file).write_text((source / file).read_text(encoding="utf-8") + line, encoding="utf-8")
    assert any("not marked" in issue for issue in find_issues(source, folder))


def test_updating_adds_new_messages_and_keeps_the_welsh(source: Path, folder: Path) -> None:
    (source / "module.py").write_text(CODE + 'NEW = N_("Withdrawn")\n', encoding="utf-8")
    before = find_issues(source, folder)
    assert before == ["messages.pot: 'Withdrawn' is missing", "messages.po: 'Withdrawn' is missing"]
    write(source, folder)
    assert find_issues(source, folder) == ["messages.po: “Withdrawn”: it has no Welsh"]
    assert Translations(folder)


def test_the_command_prints_one_issue_per_line_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_catalogs([]) == 0
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(catalogs, "find_issues", lambda: ["one", "two"])
    assert check_catalogs([]) == 1
    assert capsys.readouterr().out == "one\ntwo\n"
    assert check_catalogs(["--help"]) == 2
