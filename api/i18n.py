"""Translations of the service's own messages, from the gettext catalogs in ``translations/``; msgids are English.

A sentence is one message with named fields, never joined from parts: Welsh may need another order or a mutation.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.plurals import PLURALS
from babel.messages.pofile import read_po
from babel.plural import to_gettext

from api.domain.language import Language
from api.settings import DATA

CATALOGS_FOLDER = DATA / "translations"
# CLDR has six plural forms for Welsh (zero, one, two, few, many, other). Babel's rule for catalogs has only five.
WELSH_FORMS = 6


def use_cldr_plurals() -> None:
    """Replace Babel's plural rule for Welsh catalogs with the rule of CLDR."""
    expression = to_gettext(Locale("cy").plural_form)
    PLURALS["cy"] = (WELSH_FORMS, expression.partition("plural=")[2].rstrip(";"))


def N_(message: str) -> str:  # noqa: N802  # the name that every extraction tool knows
    """Mark ``message`` for extraction; it is translated when the reader's language is known."""
    return message


def Nn_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802  # likewise
    """Mark a message with a plural for extraction."""
    return singular, plural


class Translations:
    """The catalogs of both languages, read once."""

    def __init__(self, folder: Path = CATALOGS_FOLDER) -> None:
        use_cldr_plurals()
        self._catalogs: dict[Language, gettext.NullTranslations] = {
            Language.EN: gettext.NullTranslations(),
            Language.CY: _read(folder / "cy" / "LC_MESSAGES" / "messages.po"),
        }

    def gettext(self, language: Language, message: str, data: Mapping[str, object] | None = None) -> str:
        """Return ``message`` in this language, with its fields filled from ``data``."""
        return self._catalogs[language].gettext(message).format_map({} if data is None else data)

    def ngettext(self, language: Language, message: tuple[str, str], number: int) -> str:
        """Return the plural form of a message for ``number`` by CLDR's rule; ``{n}`` is the number."""
        return self._catalogs[language].ngettext(*message, number).format(n=number)


def _read(path: Path) -> gettext.GNUTranslations:
    with path.open("rb") as file:
        catalog: Catalog = read_po(file, locale="cy", abort_invalid=True)
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return gettext.GNUTranslations(binary)
