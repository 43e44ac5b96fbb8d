"""Search plans: the nearest words first, and no more texts than can be scored quickly."""

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
from api.models import Edition, SearchWord
from api.services.search import plan
from api.services.search.find import SearchFilters, find_matches
from api.services.search.plan import WordMatch, make_plans
from api.services.search.word_keys import Tier

RULE = LanguageRule(Language.CY, Fallback.NONE, MinState.TRANSLATED)


@pytest.fixture
def session(loaded_database: Database) -> Iterator[Session]:
    with loaded_database.reading() as session:
        yield session


def answers(session: Session, q: str) -> tuple[WordMatch, ...]:
    (read,) = make_plans(session, parse_search_query(q), [Language.CY])
    return read.required[0].words


def texts(session: Session, *words: str) -> int:
    query = select(func.sum(SearchWord.texts)).where(SearchWord.language == "cy", SearchWord.word.in_(words))
    return int(session.scalar(query) or 0)


def written(session: Session, q: str) -> list[str]:
    return [each.word for each in answers(session, q)]


def test_the_nearest_words_come_first_and_the_rarer_of_equals(session: Session) -> None:
    found = answers(session, "gwaith")
    assert found[0].word == "gwaith"
    places = [(*each.distance, texts(session, each.word), each.word) for each in found]
    assert len(places) > 3
    assert places == sorted(places)


def test_related_words_in_too_many_texts_do_not_match(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    # “i” is the lemma of “iddo”, and occurs in nearly all texts.
    whole = written(session, "iddo")
    assert "i" in whole
    monkeypatch.setattr(plan, "MAX_MATCHED_TEXTS", texts(session, "i") - 1)
    found = written(session, "iddo")
    assert found[0] == "iddo"
    assert "i" not in found
    assert len(found) > 1
    assert texts(session, *found) <= plan.MAX_MATCHED_TEXTS


def test_rarer_related_words_still_match(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    farther = {each.word for each in answers(session, "iddo") if each.tier > Tier.LEMMA}
    monkeypatch.setattr(plan, "MAX_MATCHED_TEXTS", texts(session, "i") - 1)
    assert farther
    assert farther & set(written(session, "iddo"))


def test_the_word_itself_always_matches(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MAX_MATCHED_TEXTS", 1)
    assert written(session, "y")[:1] == ["y"]
    assert texts(session, "y") > 1


def test_all_mutated_forms_match_at_the_size_of_a_booklet(session: Session) -> None:
    found = written(session, "cartref")
    for mutated in ("gartref", "nghartref"):
        if texts(session, mutated):
            assert mutated in found
    assert texts(session, *found) < plan.MAX_MATCHED_TEXTS


@pytest.mark.parametrize("languages", [[Language.CY], list(Language)], ids=["welsh", "both"])
@pytest.mark.parametrize("q", ["gwaith", "y", "i fod", '"gwaith cymdeithasol"', "gwaith -y", "social"])
def test_the_total_counts_the_matches_on_all_pages(session: Session, q: str, languages: list[Language]) -> None:
    plans = make_plans(session, parse_search_query(q), languages)
    filters = SearchFilters(RULE)
    whole, total = find_matches(session, plans, filters, 1_000)
    assert total == len(whole) == len({match.resource_id for match in whole})
    paged, after = [], None
    while True:
        page, count = find_matches(session, plans, filters, 7, after)
        assert count == total
        if not page:
            break
        paged += page
        after = page[-1].sort_key
    assert paged == whole


def test_each_match_has_a_snippet_of_its_own_resource(session: Session) -> None:
    plans = make_plans(session, parse_search_query("gwaith"), list(Language))
    matches, _ = find_matches(session, plans, SearchFilters(RULE), 100)
    assert matches
    owners = dict(session.execute(select(Edition.id, Edition.resource_id)).all())
    assert all(owners[match.edition_id] == match.resource_id for match in matches)
