"""The booklet as data against the booklet as printed: nothing lost, changed, or twice but where that is meant."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from hashlib import sha256

import pytest

from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.slug import slugify
from api.domain.state import Origin, State
from api.domain.text import contains_phrase, paragraphs, strip_emphasis
from api.services.booklets.folder import FolderResource, FolderUnit, booklet_map, check_folder
from api.services.booklets.folder.printed import has_words, lines_at, words_of
from tests.content.booklet import COLLECTION, FOLDER, ROOT, SECTION, as_printed, booklet, lines, units, unmarked

CY, EN = Language.CY, Language.EN
ALL = list(units())
IDS = [name for name, _, _ in ALL]
# The cover is a drawing: capitals, and three ticked words under one another.
DRAWN = {f"{COLLECTION}.title", f"{COLLECTION}.strapline"}
FUNDING = f"{COLLECTION}.funding"
LEFT_OUT = "5-7 35 115-117 172 193 223 264 296 314 347 371 391 480 482 539 550-552 558-576"
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


def emphasised(text: str) -> list[str]:
    return EMPHASIS.findall(text)


# Against the print


def test_every_line_of_the_booklet_is_one_units_text_or_left_out_with_a_reason() -> None:
    left_out = {number for entry in booklet().omitted_lines for number, _ in lines_at(lines(), entry.lines)}
    claims: dict[int, list[int]] = {}
    for place, (_, _, unit) in enumerate(ALL):
        for number, _ in lines_at(lines(), unit.printed or ""):
            claims.setdefault(number, []).append(place)
    for number, line in enumerate(lines(), 1):
        if not line.strip():
            continue
        claimed = [ALL[place] for place in claims.get(number, [])]
        owners = [(name, unit) for name, _, unit in claimed if unit.stands_in is None]
        if number in left_out:
            assert not claimed, f"{number} is left out, and is {claimed[0][0]}"
            continue
        assert len(owners) == 1, f"{number} is the text of {[name for name, _ in owners]}: {line}"
        name, unit = owners[0]
        words = words_of(unmarked(line))
        assert words, f"{number} has no word, and is {name}"
        held = [unit.texts[CY] if name == FUNDING and number in {543, 544} else unit.texts[EN]]
        assert has_words(words, words_of(held[0])), f"{number} is not wholly in {name}: {line}"


def test_only_these_lines_are_left_out() -> None:
    assert [entry.lines for entry in booklet().omitted_lines] == LEFT_OUT.split()


@pytest.mark.parametrize(("name", "resource", "unit"), ALL, ids=IDS)
def test_english_is_exactly_as_printed(name: str, resource: FolderResource, unit: FolderUnit) -> None:
    printed = strip_emphasis(as_printed(resource, unit))
    english = strip_emphasis(unit.texts[EN])
    if unit.stands_in is not None:
        assert english in printed
    elif unit.field == "highlight":
        assert english == printed.strip("“” ")
    elif name in DRAWN:
        assert words_of(english) == words_of(printed)
    elif name == FUNDING:
        assert f"{unit.texts[CY]} {english}" == printed
    else:
        assert english == printed


def test_the_check_finds_nothing() -> None:
    assert check_folder(booklet()) == []


def test_the_document_is_as_it_was_given() -> None:
    given = "181f82ce7597a36f4e0ba4b74b7295951676cc028f1d8620a1cc41dada8827a7"
    assert sha256((FOLDER / "booklet.en.md").read_bytes()).hexdigest() == given


def test_the_map_is_what_the_content_says() -> None:
    page = booklet_map(booklet(), (FOLDER / "booklet.en.md").read_text(encoding="utf-8"))
    made = "write booklet_map(folder, folder.booklet) to docs/booklet-map.md"
    assert (ROOT / "docs" / "booklet-map.md").read_text(encoding="utf-8") == page, made
    assert "Placed nowhere" not in page


# What there is


def test_counts_of_units() -> None:
    assert len(ALL) == len(set(IDS)) == 213
    counts = Counter(resource.id.kind for _, resource, _ in ALL)
    assert [counts[kind] for kind in ("collection", "section", "category", "moment", "ground-rule")] == [
        3,
        25,
        10,
        123,
        6,
    ]
    by_part = Counter(resource.facet for _, resource, _ in ALL if resource.id.kind == "guide")
    assert by_part == {"requirement": 4, "step": 15, "key-word": 9}
    by_stage = Counter(resource.facet for _, resource, _ in ALL if resource.id.kind == "prompt")
    assert by_stage == {"framing": 4, "response": 7, "reflection": 4, "after": 3}


def test_counts_of_resources() -> None:
    counts = Counter(resource.id.kind for resource in booklet().resources)
    assert [counts[kind] for kind in KINDS] == [1, 10, 5, 60, 6, 18, 22]


def test_the_moments_are_numbered_from_1_to_60_in_their_categories() -> None:
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


def test_a_moments_number_is_the_one_printed_before_its_title() -> None:
    for resource in booklet().resources:
        title = resource.find_unit("title")
        if resource.number is not None and title is not None:
            (_, line), *_ = lines_at(lines(), title.printed or "")
            assert words_of(line)[0] == str(resource.number)


def test_the_sections_stand_in_printed_order() -> None:
    keys = [r.id.key.removeprefix("consultant-social-workers-") for r in booklet().resources if r.id.kind == "section"]
    assert keys == [
        *("foreword", "why", "what", "how", "what-next"),
        *("ground-rules", "exploratory-talk-requires", "facilitating"),
        *("acknowledgements", "your-own-magic-moment"),
    ]
    parts = [r.id.key for r in booklet().resources if r.facts.get("part_of") == "consultant-social-workers-what-next"]
    assert len(parts) == 3
    assert booklet().get(f"{SECTION}foreword").facts["author"] == "Sue Evans"


def test_what_is_not_printed_is_null_and_not_a_guess() -> None:
    facts = booklet().get(COLLECTION).facts
    assert facts == {"position": 2, "publisher": None, "year": None, "licence": None}


def test_every_prompt_belongs_to_one_step() -> None:
    steps = [r.facts["prompts"] for r in booklet().resources if r.id.kind == "guide"]
    named = [key for prompts in steps if isinstance(prompts, list) for key in prompts]
    assert sorted(named) == sorted(r.id.key for r in booklet().resources if r.id.kind == "prompt")


def test_emphasis_stands_where_the_print_has_a_quotation_in_italics() -> None:
    numbers = {r.number for _, r, unit in ALL if r.number and unit.field == "body" and emphasised(unit.texts[EN])}
    assert numbers == {8, 10, 13, 22, 24, 25, 27}
    others = {name for name, r, unit in ALL if emphasised(unit.texts[EN]) and not (r.number and unit.field == "body")}
    assert others == {"moment.supported-workers-are-happy-workers.highlight", "guide.state-your-aim.body"}
    assert emphasised(booklet().get("moment.supported-workers-are-happy-workers").units[2].texts[EN]) == ["happy"]
    for _, resource, unit in ALL:
        if resource.id.kind == "moment" and unit.field == "body":
            assert emphasised(unit.texts[EN]) == emphasised(as_printed(resource, unit))


def test_five_highlights_four_prompts_and_nine_key_words_stand_twice_in_both_languages() -> None:
    assert {name for name, _, unit in ALL if unit.field == "highlight"} == HIGHLIGHTS
    inner = {name: unit.stands_in for name, _, unit in ALL if unit.stands_in}
    rules = "guide.sort-out-ground-rules.body"
    assert inner == {
        **{f"prompt.{key}.text": rules for key in ("everyone-contributes", "give-reasons", "go-into-detail")},
        "prompt.overall-aim.text": "guide.state-your-aim.body",
        **{f"guide.{key}.text": rules for key in KEY_WORDS},
    }
    texts = {name: unit.texts for name, _, unit in ALL}
    for name in HIGHLIGHTS | set(inner):
        whole = inner.get(name) or name.replace(".highlight", ".body")
        assert all(contains_phrase(texts[name][language], texts[whole][language]) for language in Language), name


# The Welsh


def test_the_welsh_says_that_a_machine_wrote_it_and_the_funders_line_that_a_person_did() -> None:
    assert {unit.state for _, _, unit in ALL} == {State.TRANSLATED}
    assert [name for name, _, unit in ALL if unit.origin is Origin.HUMAN] == [FUNDING]
    assert {(unit.origin, unit.tool) for name, _, unit in ALL if name != FUNDING} == {
        (Origin.MACHINE, "large language model")
    }


@pytest.mark.parametrize(("name", "resource", "unit"), ALL, ids=IDS)
def test_welsh_keeps_the_rules_that_a_program_can_see(name: str, resource: FolderResource, unit: FolderUnit) -> None:
    english, welsh = unit.texts[EN], unit.texts[CY]
    assert not set("'\"`&") & set(welsh), "straight quotation marks, or an ampersand"
    assert welsh == unicodedata.normalize("NFC", welsh)
    assert len(paragraphs(welsh)) == len(paragraphs(english))
    assert welsh.count("\n") == english.count("\n")
    assert len(emphasised(welsh)) == len(emphasised(english))
    assert welsh.count("...") == english.count("...")
    assert "…" not in welsh
    assert not re.search(r"\bei (?:ei|eu)\b|\bi (?:ei|eu)\b", welsh), "i’w"
    if unit.field in {"title", "name"}:
        assert not welsh.endswith(".")


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
            # The longest is cut at a word's end, where 100 characters are full.
            whole = f"gweithwyr-cymdeithasol-ymgynghorol-{slugify(unit.texts[CY])}"
            assert slug == whole or (slug and whole.startswith(f"{slug}-") and len(whole) > 100)
        else:
            assert slug == slugify(unit.texts[CY])


def test_english_slugs_are_the_keys() -> None:
    assert all(resource.slugs[EN] == resource.id.key for resource in booklet().resources)
    keys = {key for _, key, _ in moments()}
    assert {"all-he-wanted-was-a-cwtch", "valuing-professionals-views", "its-evidenced"} <= keys
