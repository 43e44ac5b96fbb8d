"""The message catalogs in ``translations/``: every message in the code, with its Welsh translation.

``python -m tools.catalogs`` lists the issues, one on each line. With ``--write`` it first adds new messages from the
code and removes unused ones; the existing Welsh is kept. Babel's own command is not used, because it writes five plural
forms for Welsh where CLDR has six.
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
# Functions that mark messages, with the positions of the arguments that are messages.
KEYWORDS: dict[str, tuple[int, ...] | None] = {"N_": None, "Nn_": (1, 2)}
# Messages that are the same in both languages, each with the reason.
SAME: dict[str, str] = {}
# Welsh words that must not precede a placeholder: some change before certain values ("a {x}"), and others change the
# value's first letter ("i {x}").
_MUTATING_WORDS = (
    "a|â|ac|ag|am|ar|at|dan|dau|dwy|dros|drwy|dy|ei|fy|gan|gyda|gydag|heb|hyd|i|mewn|na|nac|nag|neu|o|pa|tair|tri|"
    "tua|wrth|ym|yn|yng|’i|’u|’w|’n"
)
_MUTATED_PLACEHOLDER = re.compile(rf"(?:(?<![\w’])(?:{_MUTATING_WORDS})|(?<=\w)(?:’i|’u|’w|’n))\s+\{{", re.IGNORECASE)
# A literal message that is passed to ``gettext`` without a mark would be missing from the catalogs.
_UNMARKED = re.compile(r"""\b(?:translate|n?gettext)\((?:\s*[\w.]+,)?\s*f?["'][^"']*["']""")
_PLURALS = re.compile(r"Plural-Forms: nplurals=(\d+); plural=([^;]+);")


def template_file(folder: Path) -> Path:
    return folder / "messages.pot"


def welsh_file(folder: Path) -> Path:
    return folder / "cy" / "LC_MESSAGES" / "messages.po"


def extract(source: Path = SOURCE) -> Catalog:
    """Return every message that the code under ``source`` marks, in the order of files and lines."""
    catalog = Catalog(charset="utf-8")
    extracted = extract_from_dir(source, method_map=[("**.py", "python")], keywords=KEYWORDS)
    for name, _, messages, comments, context in sorted(extracted, key=lambda item: item[:2]):
        message = catalog.add(messages, locations=[(f"api/{name}", 0)], auto_comments=comments, context=context)
        # Placeholders are in braces, so a percent sign has no meaning.
        message.flags.discard("python-format")
    return catalog


def read(file: Path, locale: str | None = None) -> Catalog:
    """Return the catalog in ``file``. Raises PoFileError if it cannot be parsed."""
    use_cldr_plurals()
    with file.open("rb") as opened:
        return read_po(opened, locale=locale, charset="utf-8", abort_invalid=True)


def write(source: Path = SOURCE, folder: Path = CATALOGS_FOLDER) -> None:
    """Update the template and the Welsh catalog from the code; keep the existing Welsh."""
    messages = extract(source)
    _write(template_file(folder), messages, _header(None))
    welsh = read(welsh_file(folder), "cy")
    welsh.update(messages, no_fuzzy_matching=True)
    _write(welsh_file(folder), welsh, _header("cy"))


def _header(locale: str | None) -> str:
    """Return a header without dates and names, which would differ with every run."""
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


def find_issues(source: Path = SOURCE, folder: Path = CATALOGS_FOLDER) -> list[str]:
    """Return the issues of the catalogs, one sentence for each."""
    messages = _messages(extract(source))
    unmarked = list(_unmarked(source))
    try:
        template, welsh = read(template_file(folder)), read(welsh_file(folder), "cy")
    except (OSError, PoFileError, ValueError) as error:
        return [*unmarked, f"cannot be read: {error}"]
    issues = unmarked + [f"messages.pot: {issue}" for issue in _compare(messages, template)]
    issues += [f"messages.po: {issue}" for issue in _compare(messages, welsh)]
    issues += [f"messages.po: {issue}" for issue in _find_header_issues(welsh_file(folder).read_text(encoding="utf-8"))]
    for message in _messages(welsh).values():
        issues += [f"messages.po: “{_english(message)[0]}”: {issue}" for issue in _find_message_issues(message)]
    return issues


def _unmarked(source: Path) -> Iterator[str]:
    for file in sorted([*source.rglob("*.py"), *source.rglob("templates/*.html")]):
        for match in _UNMARKED.finditer(file.read_text(encoding="utf-8")):
            yield f"{file.relative_to(source.parent)}: not marked for the catalogs: {match[0]}"


def _messages(catalog: Catalog) -> dict[object, Message]:
    return {message.id: message for message in catalog if message.id}


def _compare(messages: Iterable[object], catalog: Catalog) -> Iterator[str]:
    in_code, in_catalog = set(messages), set(_messages(catalog))
    yield from (f"{message!r} is missing" for message in sorted(in_code - in_catalog, key=str))
    yield from (f"{message!r} is no longer in the code" for message in sorted(in_catalog - in_code, key=str))
    yield from (f"{message!r} is obsolete" for message in catalog.obsolete)


def _find_header_issues(text: str) -> Iterator[str]:
    use_cldr_plurals()
    forms, rule = PLURALS["cy"]
    match = _PLURALS.search(text.replace('"\n"', ""))
    if match is None:
        yield "the header has no rule for plurals"
    elif (int(match[1]), match[2].strip()) != (forms, rule):
        yield f"the header’s rule for plurals is not CLDR’s: nplurals={forms}; plural={rule};"


def _find_message_issues(message: Message) -> Iterator[str]:
    english, welsh = _english(message), _welsh(message)
    if message.fuzzy:
        yield "it is fuzzy"
    if message.pluralizable and len(welsh) != WELSH_FORMS:
        yield f"it has {len(welsh)} forms, not {WELSH_FORMS}"
    if not all(text.strip() for text in welsh):
        yield "it has no Welsh" if len(welsh) == 1 else "a form has no Welsh"
        return
    # A plural form may spell out its number (“dwy eiliad hud”), but must not add a placeholder.
    allowed, needed = _placeholders(english), set() if message.pluralizable else _placeholders(english)
    for text in welsh:
        yield from _find_text_issues(text, allowed, needed)
    if set(english) & set(welsh) and not set(english) & set(SAME):
        yield "its Welsh is the English"


def _find_text_issues(text: str, allowed: set[str], needed: set[str]) -> Iterator[str]:
    try:
        placeholders = _placeholders((text,))
    except ValueError as error:
        yield f"its placeholders cannot be parsed: {error}"
        return
    yield from (f"the placeholder {{{name}}} is missing" for name in sorted(needed - placeholders))
    yield from (f"the placeholder {{{name}}} is not in the English" for name in sorted(placeholders - allowed))
    if "'" in text:
        yield "it has a straight ' instead of ’"
    if "&" in text:
        yield "it has & instead of a or ac"
    if text != unicodedata.normalize("NFC", text):
        yield "it is not NFC"
    if match := _MUTATED_PLACEHOLDER.search(text):
        yield f"its placeholder would have to mutate: “{match[0]}”"


def _english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _welsh(message: Message) -> tuple[str, ...]:
    text = message.string
    return (text or "",) if isinstance(text, str) or text is None else tuple(form or "" for form in text)


def _placeholders(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def check_catalogs(arguments: list[str]) -> int:
    if arguments not in ([], ["--write"]):
        print("usage: python -m tools.catalogs [--write]", file=sys.stderr)
        return 2
    if arguments:
        write()
    issues = find_issues()
    for issue in issues:
        print(issue)
    return 1 if issues else 0


if __name__ == "__main__":
    sys.exit(check_catalogs(sys.argv[1:]))
