"""Search plans put the nearest words first, and match no more texts than can be scored quickly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.search_query import parse_search_query
from api.domain.state import MinState
from api.models import Edition, SearchKey, SearchWord
from api.services.search import plan
from api.services.search.find import SearchFilters, find_matches
from api.services.search.plan import WordMatch, make_plans
from api.services.search.word_keys import Tier

RULE = LanguageRule(Language.CY, Fallback.NONE, MinState.TRANSLATED)


@pytest.fixture
def session(loaded_database: Database) -> Iterator[Session]:
    with loaded_database.reading() as session:
        yield session


def match_words(session: Session, q: str) -> tuple[WordMatch, ...]:
    (cy_plan,) = make_plans(session, parse_search_query(q), [Language.CY])
    return cy_plan.required[0].words


def count_texts(session: Session, *words: str) -> int:
    query = select(func.sum(SearchWord.texts)).where(SearchWord.language == "cy", SearchWord.word.in_(words))
    return int(session.scalar(query) or 0)


def list_words(session: Session, q: str) -> list[str]:
    return [match.word for match in match_words(session, q)]


def test_words_are_ordered_by_nearness_and_then_by_rarity(session: Session) -> None:
    words = match_words(session, "gwaith")
    assert words[0].word == "gwaith"
    order = [(*match.distance, count_texts(session, match.word), match.word) for match in words]
    assert len(order) > 3
    assert order == sorted(order)


def list_words_with_prefix(session: Session, *forms: str) -> set[str]:
    """Return the words that have a key beginning with one of these forms, by comparing all keys."""
    query = select(SearchKey.key, SearchWord.word).join(SearchWord, SearchWord.id == SearchKey.word_id)
    rows = session.execute(query.where(SearchKey.language == "cy"))
    return {row.word for row in rows if row.key.startswith(forms)}


@pytest.mark.parametrize(
    ("prefix", "forms", "some"),
    [
        ("teul", ("teul",), {"teulu", "deulu", "theulu", "teuluoedd", "deuluoedd", "theuluoedd"}),
        ("deul", ("deul", "teul"), {"teulu", "deulu", "theuluoedd"}),
        ("theul", ("theul", "teul"), {"theulu", "teuluoedd"}),
        ("grw", ("grw", "crw"), {"grŵp", "grwpiau"}),
        ("grŵ", ("grŵ", "grw", "crŵ", "crw"), {"grŵp", "grwpiau"}),
        ("gart", ("gart", "cart"), {"cartref", "gartref", "nghartref"}),
        ("Cyd-hwyl", ("cyd-hwyl", "cydhwyl"), {"cyd-hwyluso"}),
    ],
)
def test_a_prefix_matches_every_word_that_begins_with_one_of_its_forms(
    session: Session, prefix: str, forms: tuple[str, ...], some: set[str]
) -> None:
    words = set(list_words(session, f"{prefix}*"))
    whole = set(list_words(session, prefix))
    assert words - whole == list_words_with_prefix(session, *forms) - whole
    assert words & some
    in_index = set(session.scalars(select(SearchWord.word).where(SearchWord.language == "cy")))
    assert some & in_index <= words


@pytest.mark.parametrize("word", ["plant", "teulu", "gwaith", "mae", "ei", "iddo", "cyd-hwyluso"])
def test_a_prefix_finds_every_match_of_the_whole_word_at_no_greater_distance(session: Session, word: str) -> None:
    whole = match_words(session, word)
    assert whole
    distances = {match.word_id: match.distance for match in match_words(session, f"{word}*")}
    assert all(distances[match.word_id] <= match.distance for match in whole)


def test_a_broad_prefix_matches_only_the_nearest_and_most_frequent_words(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = match_words(session, "gw*")
    assert len(everything) > 20
    monkeypatch.setattr(plan, "MAX_WORD_MATCHES", 20)
    nearest = match_words(session, "gw*")
    assert nearest == everything[:20]
    guesses = set(list_words(session, "gw"))
    order = [(match.distance, -count_texts(session, match.word), match.word) for match in nearest]
    assert [key for key in order if key[-1] not in guesses] == sorted(key for key in order if key[-1] not in guesses)
    monkeypatch.setattr(plan, "MAX_MATCHED_TEXTS", 10)
    assert sum(count_texts(session, match.word) for match in match_words(session, "gw*")) <= 10


def test_related_words_that_occur_in_too_many_texts_do_not_match(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # “i” is the lemma of “iddo”, and occurs in nearly all texts.
    all_matches = list_words(session, "iddo")
    assert "i" in all_matches
    monkeypatch.setattr(plan, "MAX_MATCHED_TEXTS", count_texts(session, "i") - 1)
    words = list_words(session, "iddo")
    assert words[0] == "iddo"
    assert "i" not in words
    assert len(words) > 1
    assert count_texts(session, *words) <= plan.MAX_MATCHED_TEXTS


def test_rarer_related_words_still_match(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    farther = {match.word for match in match_words(session, "iddo") if match.tier > Tier.LEMMA}
    monkeypatch.setattr(plan, "MAX_MATCHED_TEXTS", count_texts(session, "i") - 1)
    assert farther
    assert farther & set(list_words(session, "iddo"))


def test_the_word_itself_always_matches(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MAX_MATCHED_TEXTS", 1)
    assert list_words(session, "y")[:1] == ["y"]
    assert count_texts(session, "y") > 1


def test_all_mutated_forms_match_in_an_index_of_one_booklet(session: Session) -> None:
    words = list_words(session, "cartref")
    for mutated in ("gartref", "nghartref"):
        if count_texts(session, mutated):
            assert mutated in words
    assert count_texts(session, *words) < plan.MAX_MATCHED_TEXTS


@pytest.mark.parametrize("languages", [[Language.CY], list(Language)], ids=["welsh", "both"])
@pytest.mark.parametrize("q", ["gwaith", "y", "i fod", '"gwaith cymdeithasol"', "gwaith -y", "social"])
def test_the_total_counts_the_matches_on_all_pages(session: Session, q: str, languages: list[Language]) -> None:
    plans = make_plans(session, parse_search_query(q), languages)
    filters = SearchFilters(RULE)
    all_matches, total = find_matches(session, plans, filters, 1_000)
    assert total == len(all_matches) == len({match.resource_id for match in all_matches})
    paged, after = [], None
    while True:
        page, count = find_matches(session, plans, filters, 7, after)
        assert count == total
        if not page:
            break
        paged += page
        after = page[-1].sort_key
    assert paged == all_matches


def test_each_match_has_a_snippet_of_its_own_resource(session: Session) -> None:
    plans = make_plans(session, parse_search_query("gwaith"), list(Language))
    matches, _ = find_matches(session, plans, SearchFilters(RULE), 100)
    assert matches
    owners = dict(session.execute(select(Edition.id, Edition.resource_id)).all())
    assert all(owners[match.edition_id] == match.resource_id for match in matches)
