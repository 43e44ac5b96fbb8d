"""Spelling of the Welsh in the catalogs: every word is in the dictionary, or allowed for a reason."""

from __future__ import annotations

import re

from api.i18n import CATALOGS_FOLDER
from tests.content.test_spelling import is_in_dictionary, split_words
from tools.catalogs import read, welsh_file

ALLOWED = {
    "API": "application programming interface, as it is called in Welsh too",
    "ASCII": "the name of a set of characters",
    "Accept": "the name of a header of HTTP",
    "C": "the name of a key",
    "CSV": "the name of a format",
    "Caniateir": "caniatáu: impersonal, regular",
    "Ctrl": "the name of a key",
    "ETag": "the name of a header of HTTP",
    "Gellir": "gallu: impersonal, regular",
    "HTML": "the name of a format",
    "If-Match": "the name of a header of HTTP",
    "JSON": "the name of a format",
    "Moodle": "the name of a program",
    "PDF": "the name of a format",
    "QR": "the name of a kind of code",
    "SCORM": "the name of a standard",
    "SVG": "the name of a format",
    "Totara": "the name of a program",
    "YAML": "the name of a format",
    "WordPress": "the name of a program",
    "chaniateir": "caniatáu: impersonal, regular",
    "ellid": "gallu: impersonal, regular",
    "ellir": "gallu: impersonal, regular",
    "gellir": "gallu: impersonal, regular",
    "gwcis": "cwcis, softened by heb",
    "oEmbed": "the name of a standard",
    "slug": "the name of a field; no Welsh word is settled",
}
# Texts in quotation marks are names of fields or values, and texts in braces are placeholders: neither is Welsh.
_FOREIGN = re.compile(r"‘[A-Za-z0-9.=-]+’|\{\w+\}")


def _words() -> set[str]:
    catalog = read(welsh_file(CATALOGS_FOLDER), "cy")
    texts = [message.string for message in catalog if message.id]
    forms = [form for text in texts for form in ((text,) if isinstance(text, str) else text)]
    return {word for text in forms for word in split_words(_FOREIGN.sub(" ", text))}


def test_every_welsh_word_of_the_catalogs_is_in_the_dictionary_or_the_allow_list() -> None:
    assert {word for word in _words() if not is_in_dictionary(word)} == set(ALLOWED)
