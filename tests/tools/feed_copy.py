"""A copy of the public content, kept through the change feed as the guide for integrators describes it.

The copy writes the bilingual lists itself, from nothing but the ``content`` of changes. It shares no code with the
service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

PLURALS = {
    "collection": "collections", "section": "sections", "category": "categories", "moment": "moments",
    "ground-rule": "ground-rules", "prompt": "prompts", "guide": "guide",
}  # fmt: skip
# The members that refer to another resource, and the text of that resource that the lists show with it.
NAMED_BY = {"collection": "title", "category": "name", "part_of": "title"}
ADMITTED = {"translated": {"translated", "reviewed", "source"}, "reviewed": {"reviewed", "source"}}

Content = dict[str, Any]


@dataclass
class FeedCopy:
    """A client of the change feed. ``get`` returns the JSON at a path of the service."""

    get: Callable[[str], dict[str, Any]]
    contents: dict[str, Content] = field(default_factory=dict)
    release: int = 0
    next_page: str | None = None

    def read_page(self, limit: int = 100) -> None:
        """Apply the next page of the walk, or the first page of a new walk."""
        query = urlencode({"since": self.release, "include": "content", "limit": limit})
        page = self.get(self.next_page or f"/v1/changes?{query}")
        for change in page["items"]:
            if change["change"] == "withdrawn":
                self.contents.pop(change["id"], None)
            else:
                self.contents[change["id"]] = change["content"]
        parts = urlsplit(page["links"]["next"] or "")
        self.next_page = f"{parts.path}?{parts.query}" if parts.path else None
        if self.next_page is None:
            self.release = page["release"]

    def synchronise(self, limit: int = 100) -> None:
        """Finish the current walk, then walk to the newest release."""
        while self.next_page:
            self.read_page(limit)
        self.read_page(limit)
        while self.next_page:
            self.read_page(limit)

    def write_list(self, kind: str, min_state: str = "translated", **filters: str) -> dict[str, Any]:
        """Return all pages of a bilingual list as one page, without links. Filters are ids, or the value of a facet."""
        listed = [c for c in self._sort(kind) if all(c[name] == value for name, value in filters.items())]
        served = [c for c in listed if _list_languages(c, min_state)]
        return {
            "items": [self._write_item(c, min_state) for c in served],
            "total": len(served),
            "omitted": len(listed) - len(served),
            "release": self.release,
        }

    def _sort(self, kind: str) -> list[Content]:
        contents = [content for content in self.contents.values() if content["kind"] == kind]
        return sorted(contents, key=lambda content: (content["order"], content["id"]))

    def _write_item(self, content: Content, min_state: str) -> Content:
        languages = _list_languages(content, min_state)
        item = {
            name: _limit_text(value, languages) if _is_text(name, value) else value
            for name, value in content.items()
            if name != "order"
        }
        item["languages"] = languages
        for name, text in NAMED_BY.items():
            if name in content:
                item[name] = self._name(content[name], text, min_state)
        if "prompts" in content:
            prompts = [self._name(prompt, "text", min_state) for prompt in content["prompts"]]
            item["prompts"] = [prompt for prompt in prompts if prompt]
        if content.get("contents"):
            item["contents"] = self._write_contents(content)
        if content["kind"] in {"collection", "category"}:
            item["moments"] = self._count_moments(content, min_state)
        collection = content if content["kind"] == "collection" else self.contents[content["collection"]]
        return item | {"rights": _write_rights(collection, min_state)}

    def _name(self, resource: str | None, text: str, min_state: str) -> Content | None:
        other = self.contents.get(resource or "")
        if other is None:
            return None
        shown = _limit_text(other[text], _list_languages(other, min_state))
        return {"slug": other["slug"], text: shown, "url": other["links"]["self"]}

    def _write_contents(self, content: Content) -> Content:
        kind, part = content["contents"]["kind"], content["contents"]["part"]
        collection = self.contents[content["collection"]]
        root = collection["links"]["self"].partition("/collections/")[0]
        query = urlencode({"collection": collection["slug"]} | ({"part": part} if part else {}))
        return {"kind": kind, "url": f"{root}/{PLURALS[kind]}?{query}"}

    def _count_moments(self, content: Content, min_state: str) -> Content:
        kind = content["kind"]
        root = content["links"]["self"].partition(f"/{PLURALS[kind]}/")[0]
        total = self.write_list("moment", min_state, **{kind: content["id"]})["total"]
        return {"total": total, "url": f"{root}/moments?{urlencode({kind: content['slug']})}"}


def _list_languages(content: Content, min_state: str) -> list[str]:
    facts = content["translations"]
    return [x for x in ("cy", "en") if facts[x] and facts[x]["state"] in ADMITTED[min_state]]


def _write_rights(collection: Content, min_state: str) -> Content:
    rights, languages = collection["rights"], _list_languages(collection, min_state)
    sentences = {x: rights["attribution" if x in languages else "attribution_without_title"][x] for x in ("cy", "en")}
    return {"licence": rights["licence"], "attribution": sentences}


def _is_text(name: str, value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"cy", "en"} and name not in {"slugs", "translations"}


def _limit_text(text: dict[str, Any], languages: list[str]) -> dict[str, Any]:
    return {language: text[language] if language in languages else None for language in ("cy", "en")}
