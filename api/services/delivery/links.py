"""Addresses: absolute, made from PUBLIC_URL, with their parameters always in one order."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote_plus, urlencode

from api.domain.cursor import DEFAULT_LIMIT
from api.domain.kind import Kind
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.services.delivery.request import ListRequest, ReadContext

Query = Mapping[str, str | int | None]


class Links:
    """The addresses that one answer names: a pinned answer's links stay in its release."""

    def __init__(self, public_url: str, reading: ReadContext) -> None:
        self._base = f"{public_url}/v1"
        self._reading = reading
        self._root = f"{self._base}/bilingual" if reading.is_bilingual else self._base
        self._release = "next" if reading.is_preview else reading.snapshot.release
        self._pin: dict[str, str | int | None] = {"release": self._release if reading.is_pinned else None}
        # The ends of addresses, which are the same for every resource of an answer.
        self._own = self._end(self._own_query())
        self._plain = self._end(self._pin)

    def plain(self, kind: Kind, slug: str | None) -> str | None:
        """A resource's address without a language, for naming it in another's answer."""
        return None if slug is None else f"{self._root}/{kind.plural}/{slug}{self._plain}"

    def resource(self, kind: Kind, slug: str) -> str:
        """A resource's address in the language asked for."""
        return f"{self._root}/{kind.plural}/{slug}{self._own}"

    def _own_query(self) -> Query:
        language = {} if self._reading.is_bilingual else self._spell(self._reading.rule)
        return language | self._bilingual_state() | self._pin

    def own(self, kind: Kind, slug: str) -> str:
        """The address of this very answer, in the form in which its bytes are cached."""
        address = self.resource(kind, slug)
        narrowed = urlencode({"fields": ",".join(self._reading.fields)}) if self._reading.fields else ""
        return address + ("&" if "?" in address else "?") + narrowed if narrowed else address

    def in_language(self, kind: Kind, slug: str, language: Language, is_admitted: bool) -> str:
        """A resource in this language and no other, at a state at which it is to be had."""
        state = self._reading.rule.min_state if is_admitted else MinState.TRANSLATED
        end = self._end(self._spell(LanguageRule(language, Fallback.NONE, state)) | self._pin)
        return f"{self._base}/{kind.plural}/{slug}{end}"

    def list(self, request: ListRequest, rule: LanguageRule | None = None) -> str:
        """The address of this very page, in the form in which its bytes are cached."""
        rule = rule or self._reading.rule
        language = self._spell(rule)
        if self._reading.is_bilingual:
            language = {"lang": rule.language.value if request.sort else None, **self._bilingual_state()}
        return self._list(request, language, request.after, self._pin)

    def next(self, request: ListRequest, after: str) -> str:
        """The page after this one: in the same release, by the same rule, spelt out."""
        rule = self._reading.rule
        language: dict[str, str | int | None] = {"min_state": rule.min_state.value}
        if not self._reading.is_bilingual:
            language |= {"lang": rule.language.value, "fallback": rule.fallback.value}
        elif request.sort:
            language["lang"] = rule.language.value
        # A search reads the current release only, and its ``after`` says which one that was.
        return self._list(request, language, after, {} if request.q else {"release": self._release})

    def search(self, query: Query, rule: LanguageRule | None = None, *, is_spelt_out: bool = False) -> str:
        """The address of a page of a search; ``is_spelt_out`` with the whole language rule, for the page after."""
        rule = rule or self._reading.rule
        language: Query = self._spell(rule)
        if is_spelt_out:
            language = {"lang": rule.language, "fallback": rule.fallback, "min_state": rule.min_state}
        narrowed = {**language, **query}
        narrowed["limit"] = None if narrowed.get("limit") == DEFAULT_LIMIT else narrowed.get("limit")
        return f"{self._base}/search{self._end(narrowed)}"

    def narrowed(self, kind: Kind, **filters: str | int | None) -> str:
        """The address of a list that another answer points to."""
        return f"{self._root}/{kind.plural}{self._end({**filters, **self._pin})}"

    def _list(self, request: ListRequest, language: Query, after: str | None, pin: Query) -> str:
        query: dict[str, str | int | None] = {
            **language,
            **request.filters.to_query(request.kind),
            "q": request.q,
            "sort": request.sort,
            "fields": ",".join(self._reading.fields) or None,
            "limit": None if request.limit == DEFAULT_LIMIT else request.limit,
            **pin,
            "after": after,
        }
        return f"{self._root}/{request.kind.plural}{self._end(query)}"

    def _spell(self, rule: LanguageRule) -> dict[str, str | int | None]:
        """The rule as an address says it, with nothing that would go without saying there."""
        return {
            "lang": rule.language.value,
            "fallback": rule.fallback.value if rule.fallback is Fallback.ALLOW else None,
            "min_state": None if rule.min_state is self._unsaid_state() else rule.min_state.value,
        }

    def _bilingual_state(self) -> dict[str, str | int | None]:
        state = self._reading.rule.min_state
        is_said = self._reading.is_bilingual and state is not self._unsaid_state()
        return {"min_state": state.value} if is_said else {}

    def _unsaid_state(self) -> MinState:
        # What names a release and a language never changes, not even with a setting.
        is_fixed = self._reading.is_pinned and not self._reading.is_preview
        return MinState.TRANSLATED if is_fixed else self._reading.default_min_state

    @staticmethod
    def _end(query: Query) -> str:
        """What follows the path: the parameters that have a value, in their one order."""
        said = sorted((name for name, value in query.items() if value is not None), key=_PLACES.__getitem__)
        return "?" + "&".join(f"{name}={quote_plus(str(query[name]))}" for name in said) if said else ""


# One order for every address that the service names, so that one address is one cache key.
PARAMETER_ORDER = (
    "q",
    "lang",
    "fallback",
    "min_state",
    "collection",
    "category",
    "number",
    "stage",
    "part",
    "kind",
    "seed",
    "sort",
    "fields",
    "limit",
    "since",
    "include",
    "release",
    "after",
)
_PLACES = {name: place for place, name in enumerate(PARAMETER_ORDER)}
