"""Moving examples from operations to components, where they are less indented and do not obscure the operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def share_examples(document: dict[str, Any]) -> None:
    """Replace every example of an operation by a reference."""
    components: dict[str, Any] = {}
    for item in document["paths"].values():
        for operation in (member for member in item.values() if isinstance(member, dict)):
            for part, media in _list_media(operation):
                examples = media.get("examples", {})
                for name, example in examples.items():
                    key = f"{operation['operationId']}.{part}.{name}"
                    components[key] = example
                    examples[name] = {"$ref": f"#/components/examples/{key}"}
    document["components"]["examples"] = components


def _list_media(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each Media Type Object of an operation, with ``request`` or the response's format, such as ``json``."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        yield "request", media
    for response in operation["responses"].values():
        for media_type, media in response.get("content", {}).items():
            yield media_type.rpartition("/")[2].partition("+")[0], media
