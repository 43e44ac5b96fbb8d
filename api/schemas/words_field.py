"""The query parameter ``q``."""

from __future__ import annotations

from typing import Any

from api.domain.folding import replace_white_space
from api.schemas.fields import QueryText

# A pattern for the API document: any characters except control characters. White space, such as a tab, is allowed.
SEARCHABLE = r"^[^\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+$"


class QueryWords(QueryText):
    """A parameter with words to find. Tabs, line breaks and other white space are spaces."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern=SEARCHABLE, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(replace_white_space(str(value)), attr, data, **kwargs)
