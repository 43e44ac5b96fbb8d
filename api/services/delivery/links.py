"""The URLs in public responses: absolute, made from PUBLIC_URL, with their parameters always in the same order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote_plus, urlencode

from api.domain.cursor import DEFAULT_LIMIT, PageCursors
from api.domain.kind import Kind
from api.domain.language import Fallback, Language
from api.domain.rule import LanguageRule
from api.domain.state import MinState
from api.services.delivery.request import ListRequest, ReadContext

Params = Mapping[str, str | int | None]
# The parameters of all public URLs have this order, so that every page has one URL and one cache key.
PARAMETER_ORDER = (
    "q", "lang", "fallback", "min_state", "id", "collection", "category", "number", "stage", "part", "kind", "seed",
    "sort", "fields", "since", "include", "limit", "release", "after",
)  # fmt: skip
_POSITIONS = {name: position for position, name in enumerate(PARAMETER_ORDER)}


def page_url(url: str, params: Params) -> str:
    """Return ``url`` with these parameters. Parameters that are None, and the default ``limit``, are left out."""
    names = [name for name, value in params.items() if value is not None and (name, value) != ("limit", DEFAULT_LIMIT)]
    return build_url(url, {name: params[name] for name in sorted(names, key=_POSITIONS.__getitem__)})


def build_url(url: str, params: Params) -> str:
    """Return ``url`` with these parameters, in the order of ``params``."""
    query = "&".join(f"{name}={quote_plus(format_param(value))}" for name, value in params.items())
    return f"{url}?{query}" if query else url


def format_param(value: object) -> str:
    """Return the value of a parameter as a string for URLs, with booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


PageLinks = dict[str, str | None]


def link_pages(own: str, after: str | None, cursors: PageCursors, to_url: Callable[[str | None], str]) -> PageLinks:
    """Return the member ``links`` of a page of a list. The URL of a page that does not exist is None.

    ``own`` is the URL of this page, and ``after`` its cursor. ``to_url`` returns the URL of the page with a cursor; the
    first page has the cursor None.
    """
    return {
        "self": own,
        "first": own if after is None else to_url(None),
        "previous": to_url(cursors.previous) if cursors.has_previous else None,
        "next": None if cursors.next is None else to_url(cursors.next),
    }


def plain_pages(url: str, params: Params, after: str | None, cursors: PageCursors) -> PageLinks:
    """Return the member ``links`` of a page whose links all have ``params``, and differ only in ``after``."""

    def to_url(cursor: str | None) -> str:
        return page_url(url, {**params, "after": cursor})

    return link_pages(to_url(after), after, cursors, to_url)


class Links:
    """The URLs of one response. If the request names a release, all links name the same release."""

    def __init__(self, public_url: str, context: ReadContext) -> None:
        self._base = f"{public_url}/v1"
        self._context = context
        self._root = f"{self._base}/bilingual" if context.is_bilingual else self._base
        self._release = "next" if context.is_preview else context.snapshot.release
        self._pin: Params = {"release": self._release if context.is_pinned else None}
        # The query string that is the same for every resource of a response.
        self._own_query = page_url("", {**self._own_language(), **self._pin})

    def resource(self, kind: Kind, slug: str) -> str:
        """Return the URL of a resource, with the language rule of the request."""
        return f"{self._root}/{kind.plural}/{slug}{self._own_query}"

    def resource_self(self, kind: Kind, slug: str) -> str:
        """Return the canonical URL of a response with this resource."""
        url = self.resource(kind, slug)
        fields = urlencode({"fields": ",".join(self._context.fields)}) if self._context.fields else ""
        return url + ("&" if "?" in url else "?") + fields if fields else url

    def resource_in_language(self, kind: Kind, slug: str, language: Language, is_admitted: bool) -> str:
        """Return the URL of a resource in this language only.

        If ``is_admitted`` is true, the URL has the minimum state of the language rule. Otherwise it accepts any state.
        """
        min_state = self._context.rule.min_state if is_admitted else MinState.TRANSLATED
        rule = LanguageRule(language, Fallback.NONE, min_state)
        return page_url(f"{self._base}/{kind.plural}/{slug}", {**self._rule_query(rule), **self._pin})

    def list_self(self, request: ListRequest, rule: LanguageRule | None = None) -> str:
        """Return the canonical URL of this page, with ``rule`` or, by default, the language rule of the request."""
        rule = rule or self._context.rule
        language = self._rule_query(rule)
        if self._context.is_bilingual:
            language = {"lang": rule.language.value if request.is_by_title else None, **self._own_language()}
        return self._list(request, {**language, **self._pin, "after": request.after})

    def list_pages(self, request: ListRequest, cursors: PageCursors) -> PageLinks:
        """Return the member ``links`` of a page of a list."""
        return link_pages(self.list_self(request), request.after, cursors, partial(self._list_page, request))

    def _list_page(self, request: ListRequest, after: str | None) -> str:
        """Return the URL of another page of a list. It names the release and every part of the language rule."""
        rule = self._context.rule
        language = self._full_rule_query(rule)
        if self._context.is_bilingual:
            language = {"lang": rule.language.value if request.is_by_title else None, "min_state": rule.min_state.value}
        # Searches read the current release only, and their cursors contain its number.
        release = {} if request.q else {"release": self._release}
        return self._list(request, {**language, **release, "after": after})

    def search_pages(self, params: Params, after: str | None, cursors: PageCursors) -> PageLinks:
        """Return the member ``links`` of a page of a search."""

        def to_url(cursor: str | None) -> str:
            return self.search_page({**params, "after": cursor}, has_full_rule=True)

        return link_pages(self.search_page({**params, "after": after}), after, cursors, to_url)

    def search_page(self, params: Params, rule: LanguageRule | None = None, *, has_full_rule: bool = False) -> str:
        """Return the URL of a page of a search, with ``rule`` or, by default, the language rule of the request."""
        rule = rule or self._context.rule
        language = self._full_rule_query(rule) if has_full_rule else self._rule_query(rule)
        return page_url(f"{self._base}/search", {**language, **params})

    def filtered_list(self, kind: Kind, **filters: str | int | None) -> str:
        """Return the URL of a list that a resource links to, with the language rule of the request."""
        return page_url(f"{self._root}/{kind.plural}", {**self._own_language(), **filters, **self._pin})

    def _list(self, request: ListRequest, params: Params) -> str:
        query = {
            **request.filters.to_query(request.kind),
            "q": request.q,
            "sort": request.sort,
            "fields": ",".join(self._context.fields) or None,
            "limit": request.limit,
        }
        return page_url(f"{self._root}/{request.kind.plural}", {**query, **params})

    def _own_language(self) -> Params:
        if not self._context.is_bilingual:
            return self._rule_query(self._context.rule)
        return {"min_state": self._unless_default(self._context.rule.min_state)}

    def _rule_query(self, rule: LanguageRule) -> Params:
        """Return a language rule as parameters. Default values are None."""
        return {
            "lang": rule.language.value,
            "fallback": rule.fallback.value if rule.fallback is Fallback.ALLOW else None,
            "min_state": self._unless_default(rule.min_state),
        }

    @staticmethod
    def _full_rule_query(rule: LanguageRule) -> Params:
        return {"lang": rule.language.value, "fallback": rule.fallback.value, "min_state": rule.min_state.value}

    def _unless_default(self, min_state: MinState) -> str | None:
        # A response to a URL with a release and a language never changes, so it must not depend on the setting
        # MIN_STATE.
        is_immutable = self._context.is_pinned and not self._context.is_preview
        default = MinState.TRANSLATED if is_immutable else self._context.default_min_state
        return None if min_state is default else min_state.value
