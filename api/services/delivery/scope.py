"""Scopes: the resources that a list covers, as filters of columns.

The SQL of a filter depends only on the number of its values, rounded up to a power of two. So a filter with up to 100
values has at most eight forms, and each form is prepared once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam

from api.db.read_session import Columns
from api.domain.kind import Kind

# The column of a filter, and the number of values in its SQL.
FilterForm = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Scope:
    """The resources that a list covers. Ids are row ids. A filter that is None or empty is not applied.

    A resource matches a filter if it has one of the filter's values.
    """

    kind: Kind
    collection_id: int | None = None
    category_ids: tuple[int, ...] = ()
    number: int | None = None
    facets: tuple[str, ...] = ()
    resource_ids: tuple[int, ...] = ()

    @property
    def filters(self) -> dict[str, tuple[Any, ...]]:
        """The values of the filters that are applied, by column."""
        values: dict[str, tuple[Any, ...]] = {
            "collection_id": _as_values(self.collection_id),
            "category_id": self.category_ids,
            "number": _as_values(self.number),
            "facet": self.facets,
            "resource_id": self.resource_ids,
        }
        return {name: column_values for name, column_values in values.items() if column_values}

    @property
    def filter_forms(self) -> tuple[FilterForm, ...]:
        """The name of each filter that is applied, and the number of its values rounded up to a power of two."""
        return tuple((name, _round_up(len(values))) for name, values in self.filters.items())

    @property
    def has_stored_counts(self) -> bool:
        """True if the counts that are stored with a release cover this list: it has no filter by number or id."""
        return self.number is None and not self.resource_ids


def _as_values(value: int | None) -> tuple[int, ...]:
    return () if value is None else (value,)


def _round_up(count: int) -> int:
    """Return the smallest power of two that is not less than ``count``."""
    return 1 << (count - 1).bit_length()


def filter_conditions(table: Columns, forms: tuple[FilterForm, ...]) -> list[ColumnElement[bool]]:
    """Return the SQL conditions for filters with these names and numbers of values."""
    return [_filter_condition(getattr(table, name), name, size) for name, size in forms]


def _filter_condition(column: Any, name: str, size: int) -> ColumnElement[bool]:
    if size == 1:
        condition: ColumnElement[bool] = column == bindparam(name)
        return condition
    is_one_of: ColumnElement[bool] = column.in_([bindparam(f"{name}_{i}", type_=column.type) for i in range(size)])
    return is_one_of


def bind_filters(filters: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """Return the parameters of these filters."""
    parameters: dict[str, Any] = {}
    for name, values in filters.items():
        if len(values) == 1:
            parameters[name] = values[0]
            continue
        # Repeat the last value until there are as many values as the SQL has parameters.
        padding = (values[-1],) * (_round_up(len(values)) - len(values))
        parameters |= {f"{name}_{i}": value for i, value in enumerate((*values, *padding))}
    return parameters
