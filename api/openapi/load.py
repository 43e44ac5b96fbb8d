"""The committed openapi.yaml as it is served: as YAML or JSON, with the service's own URL in servers and examples."""

from __future__ import annotations

import json
from functools import cache
from io import StringIO
from urllib.parse import quote

from api.settings import DATA, Settings

FILE = DATA / "openapi.yaml"
# ``generate.py`` writes scalars with these tags in the same way as JSON: 1, true, null.
_SAME_IN_JSON = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))


def read_openapi_yaml(public_url: str) -> bytes:
    """Return the API document as YAML in UTF-8, for the service at ``public_url``."""
    example = Settings().public_url
    text = FILE.read_bytes().replace(example.encode(), public_url.encode())
    # In some examples, a URL is a parameter of another URL.
    return text.replace(quote(example, safe="").encode(), quote(public_url, safe="").encode())


@cache
def read_openapi_json(public_url: str) -> bytes:
    """Return the API document as JSON in UTF-8, for the service at ``public_url``.

    The JSON is written event by event, because the objects of the whole document would take 9 MB of memory.
    """
    from yaml import CSafeLoader, ScalarEvent, ScalarNode  # noqa: PLC0415  # most processes never need the library
    from yaml.events import CollectionEndEvent, CollectionStartEvent, MappingEndEvent, MappingStartEvent  # noqa: PLC0415

    loader = CSafeLoader(read_openapi_yaml(public_url))
    writer = _JsonWriter()
    while loader.check_event():
        event = loader.get_event()
        if isinstance(event, ScalarEvent):
            tag = loader.resolve(ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
            is_same = tag in _SAME_IN_JSON and not writer.is_at_key
            writer.write(event.value if is_same else json.dumps(event.value, ensure_ascii=False))
        elif isinstance(event, CollectionStartEvent):
            writer.open(is_object=isinstance(event, MappingStartEvent))
        elif isinstance(event, CollectionEndEvent):
            writer.close(is_object=isinstance(event, MappingEndEvent))
    return writer.text.getvalue().encode()


class _JsonWriter:
    """A JSON text that is written value by value, with the separators between them."""

    def __init__(self) -> None:
        self.text = StringIO()
        # For each open object or array: whether it is an object, and the number of its keys and values so far.
        self._open: list[tuple[bool, int]] = []

    @property
    def is_at_key(self) -> bool:
        """True if the next value is the name of a member."""
        return bool(self._open) and self._open[-1][0] and self._open[-1][1] % 2 == 0

    def write(self, text: str) -> None:
        if self._open:
            is_object, count = self._open[-1]
            if count:
                self.text.write(":" if is_object and not self.is_at_key else ",")
            self._open[-1] = (is_object, count + 1)
        self.text.write(text)

    def open(self, *, is_object: bool) -> None:
        self.write("{" if is_object else "[")
        self._open.append((is_object, 0))

    def close(self, *, is_object: bool) -> None:
        self._open.pop()
        self.text.write("}" if is_object else "]")
