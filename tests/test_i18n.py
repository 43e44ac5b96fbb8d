"""Translations: plural forms, fields, and every problem and issue in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.plurals import PLURALS
from flask import Flask

from api.app import create_app
from api.domain import errors
from api.domain.errors import Issue
from api.domain.gap import Blocker
from api.domain.issue_code import IssueCode
from api.domain.language import Language
from api.http.context import get_named_language
from api.http.domain_problems import PROBLEM_OF, to_problem
from api.http.issue_messages import ISSUE_MESSAGES
from api.http.problems import LANGUAGE_DETAILS, PROBLEMS, ProblemType
from api.i18n import N_, Nn_, Translations, use_cldr_plurals
from tests.conftest import make_settings

CATEGORIES = Nn_("{n} category", "{n} categories")
WELSH = """
msgid "{n} category"
msgid_plural "{n} categories"
msgstr[0] "dim categori"
msgstr[1] "un categori"
msgstr[2] "dau gategori"
msgstr[3] "tri chategori"
msgstr[4] "chwe chategori"
msgstr[5] "{n} categori"
"""
# Data for the fields of any message.
DATA = {
    "slug": "adwaith-cadwynol", "kind": "moment", "release": 7, "number": "99", "language": "cy", "method": "PURGE",
    "allowed": "GET, HEAD", "offered": "application/json", "since": 3, "value": "fr", "choices": "cy, en",
    "parameter": "lang", "least": 1, "most": 100, "limit": 200, "url": "https://example.org/v1/moments/un?lang=en",
    "roles": "reviewer, translator", "id": "moment.nid-oes-un", "character": "U+200B", "revision": 3,
    "holder": "moment.seeing-the-light", "wanted": "string", "format": "yaml",
    "begun": 1, "current": 2, "length": 1_800, "newest": 7,
}  # fmt: skip
# A sample of each error that has a problem document, with the arguments that the service uses.
SAMPLES = (
    errors.InvalidRequestError([Issue(IssueCode.UNKNOWN_LANGUAGE, "lang", data={"value": "fr"})]),
    errors.PublicResourceNotFoundError("moment", "nid-oes-un", 1),
    errors.ReleaseNotFoundError("99", "release"),
    errors.LanguageNotAvailableError("cy", "missing", "en", "https://example.org/v1/moments/un?lang=en"),
    errors.NothingToServeError(),
    errors.ResourceWithdrawnError("moment.chain-reaction", 3),
    errors.ResourceSuppressedError("moment.chain-reaction"),
    errors.DatabaseUnavailableError(),
    errors.DatabaseReadOnlyError(),
    errors.UnauthenticatedError(is_given=True),
    errors.ForbiddenError("role", roles=["reviewer", "translator"]),
    errors.WorkingResourceNotFoundError("moment.nid-oes-un"),
    errors.TokenNotFoundError("eih_0123456789"),
    errors.PreconditionRequiredError(),
    errors.PreconditionFailedError({"id": "moment.chain-reaction.title"}, '"unit-1-2"'),
    errors.ActionRefusedError(IssueCode.NO_SUCH_REVISION, revision=9),
    errors.IdempotencyKeyReusedError(),
    errors.PageExpiredError(1, 2, "https://example.org/v1/search?q=cartref"),
    errors.ReleaseBlockedError([Blocker("moment.chain-reaction", "outdated", "cy", ("moment.chain-reaction.title",))]),
    errors.NothingToReleaseError(),
    errors.InvalidWaiverError("moment.chain-reaction", IssueCode.REASON_TOO_SHORT, "cy"),
    errors.InvalidSlugError("moment", "random", IssueCode.SLUG_TAKEN, "en", "moment.seeing-the-light"),
    errors.InvalidTextError(IssueCode.INVISIBLE_CHARACTER, character="U+200B"),
    errors.NotEmbeddableError("https://gwefan.example/"),
    errors.UnknownFormatError("yaml"),
    errors.PdfUnavailableError(),
    errors.PdfBusyError(),
)
# The Welsh titles in the style guide, by status.
TITLES = {
    400: {"Cais annilys"},
    401: {"Angen tocyn dilys"},
    403: {"Nid oes gennych ganiatâd"},
    404: {"Heb ei ganfod", "Ddim ar gael yn yr iaith hon"},
    405: {"Ni chaniateir y dull hwn"},
    406: {"Nid oes fformat derbyniol ar gael"},
    409: {"Gwrthdaro â’r sefyllfa bresennol", "Mae’r cyhoeddiad wedi’i rwystro", "Dim i’w gyhoeddi"},
    410: {"Wedi’i dynnu’n ôl", "Ddim ar gael mwyach", "Rhaid dechrau’r chwiliad o’r newydd"},
    412: {"Mae’r testun wedi newid yn y cyfamser", "Heb fodloni’r amod"},
    413: {"Mae’r cynnwys yn rhy fawr"},
    414: {"Mae’r cyfeiriad yn rhy hir"},
    415: {"Ni dderbynnir y math hwn o gynnwys"},
    422: {"Ni ellir prosesu’r cynnwys"},
    428: {"Rhaid anfon amod (If-Match)"},
    429: {"Gormod o geisiadau"},
    500: {"Aeth rhywbeth o’i le"},
    501: {"Nid yw’r fformat ar gael", "Nid oes ffeiliau PDF ar gael yma"},
    503: {
        "Nid yw’r gwasanaeth ar gael ar hyn o bryd",
        "Gormod o ffeiliau PDF ar unwaith",
        "Dim ond darllen sy’n bosibl ar hyn o bryd",
    },
}


@pytest.fixture(scope="module")
def translations() -> Translations:
    return Translations()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Return the application with an empty database, which is never read."""
    return create_app(make_settings(f"sqlite:///{tmp_path_factory.mktemp('none') / 'none.sqlite'}"))


@pytest.fixture
def translations_with_plural(tmp_path: Path) -> Translations:
    """Return translations with one message, which has a plural."""
    file = tmp_path / "cy" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    use_cldr_plurals()
    forms, rule = PLURALS["cy"]
    header = f'msgid ""\nmsgstr "Language: cy\\nPlural-Forms: nplurals={forms}; plural={rule};\\n"\n'
    file.write_text(header + WELSH, encoding="utf-8")
    return Translations(tmp_path)


@pytest.mark.parametrize(
    ("number", "welsh", "english"),
    [
        (0, "dim categori", "0 categories"),
        (1, "un categori", "1 category"),
        (2, "dau gategori", "2 categories"),
        (3, "tri chategori", "3 categories"),
        (4, "4 categori", "4 categories"),
        (6, "chwe chategori", "6 categories"),
        (7, "7 categori", "7 categories"),
        (100, "100 categori", "100 categories"),
    ],
)
def test_plural_forms_follow_cldr(
    translations_with_plural: Translations, number: int, welsh: str, english: str
) -> None:
    assert translations_with_plural.ngettext(Language.CY, CATEGORIES, number) == welsh
    assert translations_with_plural.ngettext(Language.EN, CATEGORIES, number) == english


def test_messages_are_translated_and_their_fields_are_filled(translations: Translations) -> None:
    message = N_("There is no release with the number ‘{number}’.")
    assert translations.gettext(Language.EN, message, {"number": "99"}) == "There is no release with the number ‘99’."
    assert translations.gettext(Language.CY, message, {"number": "99"}) == "Nid oes cyhoeddiad â’r rhif ‘99’."


def test_braces_in_the_data_of_a_message_are_not_treated_as_fields(translations: Translations) -> None:
    text = translations.gettext(
        Language.CY, ISSUE_MESSAGES[IssueCode.UNKNOWN_PARAMETER], {"parameter": "{value} %s {0}"}
    )
    assert "‘{value} %s {0}’" in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("message", [*ISSUE_MESSAGES.values(), *LANGUAGE_DETAILS.values()])
def test_every_issue_message_and_language_message_can_be_rendered(
    translations: Translations, language: Language, message: str
) -> None:
    text = translations.gettext(language, message, DATA)
    assert text
    assert not set("{}") & set(text)
    assert (text == message.format(**DATA)) is (language is Language.EN)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_every_problem_has_a_title_from_the_style_guide(
    translations: Translations, language: Language, problem: ProblemType
) -> None:
    title, detail = translations.gettext(language, problem.title), translations.gettext(language, problem.detail, DATA)
    assert not set("{}") & set(title + detail)
    assert (detail == problem.detail.format(**DATA)) is (language is Language.EN)
    if language is Language.CY:
        assert title in TITLES[problem.status]


def test_every_issue_code_has_a_message() -> None:
    assert set(ISSUE_MESSAGES) == set(IssueCode)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_is_rendered_in_the_readers_language(
    app: Flask, language: Language, error: errors.DomainError
) -> None:
    with app.test_request_context(f"/v1?lang={language.value}"):
        assert get_named_language() is language
        problem = to_problem(error)
    texts = [problem["title"], problem["detail"], *(issue["detail"] for issue in problem.get("errors", ()))]
    assert problem["language"] == language.value
    assert not [text for text in texts if set("{}") & set(text) or "None" in text]
    assert not set(texts) & {N_("Not found"), N_("Invalid request"), N_("Withdrawn")} or language is Language.EN


def test_every_error_with_a_problem_is_among_the_samples() -> None:
    assert {type(error) for error in SAMPLES} == set(PROBLEM_OF)
