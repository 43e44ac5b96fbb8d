"""The catalogs in ``translations/`` hold every message of the code, and Welsh for each.

``python -m tests.tools.catalogs`` says what is wrong, one line a fault; with ``--write`` it first takes the messages
over from the code, and keeps the Welsh that is there.
"""

from __future__ import annotations

import re
import string
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import PLURALS
from babel.messages.pofile import PoFileError, read_po, write_po

from api.i18n import CATALOGS_FOLDER, WELSH_FORMS, use_cldr_plurals
from api.settings import ROOT

SOURCE = ROOT / "api"
# Each function that marks messages, and which of its arguments they are.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"N_": None, "Nn_": (1, 2)}
# Messages that read the same in both languages, each with the reason.
SAME: dict[str, str] = {}
# A place after one of these would have to mutate, or change the word before it: "i {x}", "a {x}".
_CHANGING = (
    "a|â|ac|ag|am|ar|at|dan|dau|dwy|dros|drwy|dy|ei|fy|gan|gyda|gydag|heb|hyd|i|mewn|na|nac|nag|neu|o|pa|tair|tri|"
    "tua|wrth|ym|yn|yng|’i|’u|’w|’n"
)
_GLUED = re.compile(rf"(?:(?<![\w’])(?:{_CHANGING})|(?<=\w)(?:’i|’u|’w|’n))\s+\{{", re.IGNORECASE)
# A message that is said without a mark is in no catalog: templates say variables, code says what N_ marked.
_UNMARKED = re.compile(r"""\b(?:translate|n?gettext)\((?:\s*[\w.]+,)?\s*f?["'][^"']*["']""")
_PLURALS = re.compile(r"Plural-Forms: nplurals=(\d+); plural=([^;]+);")


def template_file(folder: Path) -> Path:
    return folder / "messages.pot"


def welsh_file(folder: Path) -> Path:
    return folder / "cy" / "LC_MESSAGES" / "messages.po"


def extract(source: Path = SOURCE) -> Catalog:
    """Every message that the code under ``source`` marks, in the order of files and lines."""
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(source, method_map=[("**.py", "python")], keywords=KEYWORDS)
    for name, _, messages, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        message = catalog.add(messages, locations=[(f"api/{name}", 0)], auto_comments=comments, context=context)
        # A percent sign is a percent sign here: places are in braces.
        message.flags.discard("python-format")
    return catalog


def read(file: Path, locale: str | None = None) -> Catalog:
    """The catalog in ``file``. Raises PoFileError for one that cannot be read."""
    use_cldr_plurals()
    with file.open("rb") as opened:
        return read_po(opened, locale=locale, charset="utf-8", abort_invalid=True)


def write(source: Path = SOURCE, folder: Path = CATALOGS_FOLDER) -> None:
    """Take the messages over from the code into the template and the Welsh catalog, whose Welsh stays."""
    messages = extract(source)
    _write(template_file(folder), messages, _header(None))
    welsh = read(welsh_file(folder), "cy")
    welsh.update(messages, no_fuzzy_matching=True)
    _write(welsh_file(folder), welsh, _header("cy"))


def _header(locale: str | None) -> str:
    """No dates and no names: those are the history's, and would differ with every run."""
    lines = [f"Language: {locale}"] if locale else []
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if locale:
        use_cldr_plurals()
        lines.append("Plural-Forms: nplurals={}; plural={};".format(*PLURALS[locale]))
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in lines) + "\n"


def _write(file: Path, catalog: Catalog, header: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        opened.write(header.encode())
        write_po(opened, catalog, width=110, omit_header=True, ignore_obsolete=True, include_lineno=False)


def find_faults(source: Path = SOURCE, folder: Path = CATALOGS_FOLDER) -> list[str]:
    """What is wrong with the catalogs, one sentence a fault; nothing is wrong with an empty list."""
    messages = _messages(extract(source))
    unmarked = list(_unmarked(source))
    try:
        template, welsh = read(template_file(folder)), read(welsh_file(folder), "cy")
    except (OSError, PoFileError, ValueError) as error:
        return [*unmarked, f"cannot be read: {error}"]
    faults = unmarked + [f"messages.pot: {fault}" for fault in _compare(messages, template)]
    faults += [f"messages.po: {fault}" for fault in _compare(messages, welsh)]
    faults += [f"messages.po: {fault}" for fault in _header_faults(welsh_file(folder).read_text(encoding="utf-8"))]
    for message in _messages(welsh).values():
        faults += [f"messages.po: “{_english(message)[0]}”: {fault}" for fault in _message_faults(message)]
    return faults


def _unmarked(source: Path) -> Iterator[str]:
    for file in sorted([*source.rglob("*.py"), *source.rglob("templates/*.html")]):
        for found in _UNMARKED.finditer(file.read_text(encoding="utf-8")):
            yield f"{file.relative_to(source.parent)}: said, but not marked for the catalogs: {found[0]}"


def _messages(catalog: Catalog) -> dict[object, Message]:
    return {message.id: message for message in catalog if message.id}


def _compare(messages: Iterable[object], catalog: Catalog) -> Iterator[str]:
    wanted, found = set(messages), set(_messages(catalog))
    yield from (f"{message!r} is not there" for message in sorted(wanted - found, key=str))
    yield from (f"{message!r} is not in the code any more" for message in sorted(found - wanted, key=str))
    yield from (f"{message!r} is obsolete" for message in catalog.obsolete)


def _header_faults(text: str) -> Iterator[str]:
    use_cldr_plurals()
    forms, rule = PLURALS["cy"]
    found = _PLURALS.search(text.replace('"\n"', ""))
    if found is None:
        yield "the header has no rule for plurals"
    elif (int(found[1]), found[2].strip()) != (forms, rule):
        yield f"the header’s rule for plurals is not CLDR’s: nplurals={forms}; plural={rule};"


def _message_faults(message: Message) -> Iterator[str]:
    english, welsh = _english(message), _welsh(message)
    if message.fuzzy:
        yield "it is fuzzy"
    if message.pluralizable and len(welsh) != WELSH_FORMS:
        yield f"it has {len(welsh)} forms, not {WELSH_FORMS}"
    if not all(text.strip() for text in welsh):
        yield "it has no Welsh" if len(welsh) == 1 else "a form has no Welsh"
        return
    # A form for one number may say it in a word (“dwy eiliad hud”); no form may have a place of its own.
    allowed, needed = _places(english), set() if message.pluralizable else _places(english)
    for text in welsh:
        yield from _text_faults(text, allowed, needed)
    if set(english) & set(welsh) and not set(english) & set(SAME):
        yield "its Welsh is the English"


def _text_faults(text: str, allowed: set[str], needed: set[str]) -> Iterator[str]:
    try:
        places = _places((text,))
    except ValueError as error:
        yield f"its places cannot be read: {error}"
        return
    yield from (f"the place {{{place}}} is missing" for place in sorted(needed - places))
    yield from (f"the place {{{place}}} is not in the English" for place in sorted(places - allowed))
    if "'" in text:
        yield "a straight ' where ’ belongs"
    if "&" in text:
        yield "& where a or ac belongs"
    if text != unicodedata.normalize("NFC", text):
        yield "it is not NFC"
    if glued := _GLUED.search(text):
        yield f"a place where what is filled in would have to mutate: “{glued[0]}”"


def _english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _welsh(message: Message) -> tuple[str, ...]:
    given = message.string
    return (given or "",) if isinstance(given, str) or given is None else tuple(each or "" for each in given)


def _places(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--write"]):
        print("usage: python -m tests.tools.catalogs [--write]", file=sys.stderr)
        return 2
    if arguments:
        write()
    faults = find_faults()
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
