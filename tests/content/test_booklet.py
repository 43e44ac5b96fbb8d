"""Comparison of the committed and the printed booklet: no text is lost, changed or duplicated by mistake."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from hashlib import sha256

from api.domain.emphasis import split_paragraphs, strip_emphasis
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.slug import slugify
from api.domain.state import Origin, State
from api.domain.text import contains_phrase
from api.services.booklets.folder import FolderResource, FolderUnit, check_folder
from tests.content.booklet import (
    COLLECTION,
    FOLDER,
    ROOT,
    SECTION,
    booklet,
    join_printed_lines,
    lines,
    source,
    strip_markdown,
    units,
)
from tools.booklet.checking import find_printed_issues
from tools.booklet.line_map import make_line_map
from tools.booklet.printed import contains_words, get_printed_lines, split_words

CY, EN = Language.CY, Language.EN
UNITS = list(units())
# The cover is a drawing. It shows the title in capitals, and the strapline as a list of three ticked words.
DRAWN = {f"{COLLECTION}.title", f"{COLLECTION}.strapline"}
FUNDING = f"{COLLECTION}.funding"
OMITTED_LINES = "5-7 35 115-117 172 193 223 264 296 314 347 371 391 480 482 539 550-552 558-576"
HIGHLIGHTS = {
    f"{SECTION}foreword.highlight",
    f"{SECTION}why.highlight",
    "moment.supported-workers-are-happy-workers.highlight",
    "moment.strive-not-to-be-a-success-but-to-be-of-value-einstein.highlight",
    "moment.being-heard.highlight",
}
KEY_WORDS = ["include", "discuss", "question", "respect", "challenge", "reason", "elaborate", "explain", "negotiate"]
EMPHASIS = re.compile(r"\*([^*]+)\*")


def moments() -> list[tuple[int | None, str, str | None]]:
    return [(r.number, r.id.key, r.category) for r in booklet().resources if r.id.kind == "moment"]


def find_emphasis(text: str) -> list[str]:
    return EMPHASIS.findall(text)


# English texts, compared with the printed booklet


def test_each_printed_line_belongs_to_one_unit_or_is_omitted_for_a_reason() -> None:
    omitted = {number for entry in source().omitted_lines for number, _ in get_printed_lines(lines(), entry.lines)}
    units_by_line: dict[int, list[tuple[str, FolderUnit]]] = {}
    for name, _, unit in UNITS:
        for number, _ in get_printed_lines(lines(), unit.printed or ""):
            units_by_line.setdefault(number, []).append((name, unit))
    for number, line in enumerate(lines(), 1):
        if not line.strip():
            continue
        of_line = units_by_line.get(number, [])
        if number in omitted:
            assert not of_line, f"line {number} is omitted, but part of {of_line[0][0]}"
            continue
        outer = [(name, unit) for name, unit in of_line if unit.stands_in is None]
        assert len(outer) == 1, f"line {number} is part of {[name for name, _ in outer]}: {line}"
        name, unit = outer[0]
        words = split_words(strip_markdown(line))
        assert words, f"line {number} has no words, but is part of {name}"
        text = unit.texts[CY] if name == FUNDING and number in {543, 544} else unit.texts[EN]
        assert contains_words(split_words(text), words), f"line {number} is not wholly in {name}: {line}"


def test_only_the_expected_lines_are_omitted() -> None:
    assert [entry.lines for entry in source().omitted_lines] == OMITTED_LINES.split()


def test_each_english_text_is_exactly_as_printed() -> None:
    differing = {
        name: (unit.texts[EN], join_printed_lines(resource, unit))
        for name, resource, unit in UNITS
        if not is_as_printed(name, resource, unit)
    }
    assert differing == {}


def is_as_printed(name: str, resource: FolderResource, unit: FolderUnit) -> bool:
    printed = strip_emphasis(join_printed_lines(resource, unit))
    english = strip_emphasis(unit.texts[EN])
    if unit.stands_in is not None:
        return english in printed
    if unit.field == "highlight":
        return english == printed.strip("“” ")
    if name in DRAWN:
        return split_words(english) == split_words(printed)
    if name == FUNDING:
        return f"{unit.texts[CY]} {english}" == printed
    return english == printed


def test_the_editorial_checks_find_no_issues() -> None:
    assert check_folder(booklet()) == []
    assert find_printed_issues(source()) == []


def test_the_printed_booklet_is_unchanged() -> None:
    digest = "181f82ce7597a36f4e0ba4b74b7295951676cc028f1d8620a1cc41dada8827a7"
    assert sha256((FOLDER / "booklet.en.md").read_bytes()).hexdigest() == digest


def test_the_line_map_in_the_docs_is_up_to_date() -> None:
    page = make_line_map(source())
    command = f"python -m tools.booklet map {FOLDER.relative_to(ROOT)} docs/booklet-map.md"
    assert (ROOT / "docs" / "booklet-map.md").read_text(encoding="utf-8") == page, f"run {command}"
    assert "Placed nowhere" not in page


# Resources and units


def test_the_booklet_has_the_expected_number_of_units() -> None:
    assert len(UNITS) == len({name for name, _, _ in UNITS}) == 213
    counts = Counter(resource.id.kind for _, resource, _ in UNITS)
    assert [counts[kind] for kind in ("collection", "section", "category", "moment", "ground-rule")] == [
        3,
        25,
        10,
        123,
        6,
    ]
    by_part = Counter(resource.facet for _, resource, _ in UNITS if resource.id.kind == "guide")
    assert by_part == {"requirement": 4, "step": 15, "key-word": 9}
    by_stage = Counter(resource.facet for _, resource, _ in UNITS if resource.id.kind == "prompt")
    assert by_stage == {"framing": 4, "response": 7, "reflection": 4, "after": 3}


def test_the_booklet_has_the_expected_number_of_resources() -> None:
    counts = Counter(resource.id.kind for resource in booklet().resources)
    assert [counts[kind] for kind in KINDS] == [1, 10, 5, 60, 6, 18, 22]


def test_moments_are_numbered_from_1_to_60_in_the_order_of_their_categories() -> None:
    assert [number for number, _, _ in moments()] == list(range(1, 61))
    spans = {
        "better-outcomes": 15,
        "consultancy": 15,
        "service-development": 10,
        "education-and-training": 10,
        "research": 10,
    }
    assert [category for _, _, category in moments()] == [key for key, count in spans.items() for _ in range(count)]
    assert [r.id.key for r in booklet().resources if r.id.kind == "category"] == list(spans)


def test_the_number_of_each_moment_is_printed_before_the_title() -> None:
    for resource in booklet().resources:
        if resource.number is not None:
            title = next(unit for unit in resource.units if unit.field == "title")
            (_, line), *_ = get_printed_lines(lines(), title.printed or "")
            assert split_words(line)[0] == str(resource.number)


def test_the_sections_are_in_printed_order() -> None:
    keys = [r.id.key.removeprefix("consultant-social-workers-") for r in booklet().resources if r.id.kind == "section"]
    assert keys == [
        *("foreword", "why", "what", "how", "what-next"),
        *("ground-rules", "exploratory-talk-requires", "facilitating"),
        *("acknowledgements", "your-own-magic-moment"),
    ]
    parts = [r.id.key for r in booklet().resources if r.facts.get("part_of") == "consultant-social-workers-what-next"]
    assert len(parts) == 3
    assert booklet().get(f"{SECTION}foreword").facts["author"] == "Sue Evans"


def test_facts_that_the_booklet_does_not_print_are_null() -> None:
    facts = booklet().get(COLLECTION).facts
    assert facts == {"position": 2, "publisher": None, "year": None, "licence": None}


def test_every_prompt_belongs_to_one_step() -> None:
    steps = [r.facts["prompts"] for r in booklet().resources if r.id.kind == "guide"]
    named = [key for prompts in steps if isinstance(prompts, list) for key in prompts]
    assert sorted(named) == sorted(r.id.key for r in booklet().resources if r.id.kind == "prompt")


def test_texts_have_emphasis_where_the_booklet_has_italics() -> None:
    numbers = {r.number for _, r, unit in UNITS if r.number and unit.field == "body" and find_emphasis(unit.texts[EN])}
    assert numbers == {8, 10, 13, 22, 24, 25, 27}
    others = {
        name for name, r, unit in UNITS if find_emphasis(unit.texts[EN]) and not (r.number and unit.field == "body")
    }
    assert others == {"moment.supported-workers-are-happy-workers.highlight", "guide.state-your-aim.body"}
    assert find_emphasis(booklet().get("moment.supported-workers-are-happy-workers").units[2].texts[EN]) == ["happy"]
    for _, resource, unit in UNITS:
        if resource.id.kind == "moment" and unit.field == "body":
            assert find_emphasis(unit.texts[EN]) == find_emphasis(join_printed_lines(resource, unit))


def test_text_excerpts_match_the_full_text_in_both_languages() -> None:
    assert {name for name, _, unit in UNITS if unit.field == "highlight"} == HIGHLIGHTS
    inner = {name: unit.stands_in for name, _, unit in UNITS if unit.stands_in}
    rules = "guide.sort-out-ground-rules.body"
    assert inner == {
        **{f"prompt.{key}.text": rules for key in ("everyone-contributes", "give-reasons", "go-into-detail")},
        "prompt.overall-aim.text": "guide.state-your-aim.body",
        **{f"guide.{key}.text": rules for key in KEY_WORDS},
    }
    texts = {name: unit.texts for name, _, unit in UNITS}
    for name in HIGHLIGHTS | set(inner):
        outer = inner.get(name) or name.replace(".highlight", ".body")
        assert all(contains_phrase(texts[name][language], texts[outer][language]) for language in Language), name


# The Welsh


def test_all_welsh_texts_except_the_acknowledgement_of_the_funder_are_machine_translations() -> None:
    assert {unit.state for _, _, unit in UNITS} == {State.TRANSLATED}
    assert [name for name, _, unit in UNITS if unit.origin is Origin.HUMAN] == [FUNDING]
    assert {(unit.origin, unit.tool) for name, _, unit in UNITS if name != FUNDING} == {
        (Origin.MACHINE, "large language model")
    }


def test_each_welsh_text_follows_the_rules_of_typography_and_structure() -> None:
    broken = {name: rules for name, _, unit in UNITS if (rules := list_broken_rules(unit))}
    assert broken == {}


def list_broken_rules(unit: FolderUnit) -> list[str]:
    """List the rules of typography and structure that a Welsh text breaks."""
    english, welsh = unit.texts[EN], unit.texts[CY]
    rules = {
        "no straight quotation marks, backticks or ampersands": not set("'\"`&") & set(welsh),
        "NFC": welsh == unicodedata.normalize("NFC", welsh),
        "as many paragraphs as the English": len(split_paragraphs(welsh)) == len(split_paragraphs(english)),
        "as many line breaks as the English": welsh.count("\n") == english.count("\n"),
        "as much emphasis as the English": len(find_emphasis(welsh)) == len(find_emphasis(english)),
        "as many ellipses as the English": welsh.count("...") == english.count("..."),
        "three dots for an ellipsis": "…" not in welsh,
        "i’w instead of i ei": not re.search(r"\bei (?:ei|eu)\b|\bi (?:ei|eu)\b", welsh),
        "no full stop after a title": unit.field not in {"title", "name"} or not welsh.endswith("."),
    }
    return [rule for rule, is_kept in rules.items() if not is_kept]


def test_welsh_slugs_are_made_from_welsh_titles() -> None:
    for resource in booklet().resources:
        kind = KINDS[resource.id.kind]
        unit = next((unit for f in kind.slug_fields for unit in resource.units if unit.field == f), None)
        slug = resource.slugs[CY]
        if resource.id.kind == "collection":
            assert slug == "gweithwyr-cymdeithasol-ymgynghorol"
        elif unit is None or resource.facet == "requirement":
            assert slug is None
        elif kind.has_collection_in_slug:
            # A slug has at most 100 characters, and is cut at the end of a word.
            full = f"gweithwyr-cymdeithasol-ymgynghorol-{slugify(unit.texts[CY])}"
            assert slug == full or (slug and full.startswith(f"{slug}-") and len(full) > 100)
        else:
            assert slug == slugify(unit.texts[CY])


def test_english_slugs_equal_the_resource_keys() -> None:
    assert all(resource.slugs[EN] == resource.id.key for resource in booklet().resources)
    keys = {key for _, key, _ in moments()}
    assert {"all-he-wanted-was-a-cwtch", "valuing-professionals-views", "its-evidenced"} <= keys
