"""Conversion of units and resources to one format, so that the service and the reference rules can be compared."""

from __future__ import annotations

from typing import Any

from tests.tools.entries import OTHER_LANGUAGE, Entry
from tests.tools.reference_rules import Unit


def to_resource(entry: Entry) -> dict[str, Any]:
    units = {}
    for name, text in entry.texts[entry.source].items():
        unit = Unit([], [])
        target = entry.texts[OTHER_LANGUAGE[entry.source]].get(name)
        unit.load(text, *([] if target is None else [(target, entry.origin, entry.state)]))
        units[name] = unit
    return {"source": entry.source, "slugs": dict(entry.slugs), "withdrawn": False, "units": units}


def observed_unit(item: dict[str, Any]) -> tuple[Any, ...]:
    target = item["target"]
    names = ("text", "revision", "state", "origin", "based_on", "outdated", "updated_by")
    source = (item["source"]["text"], item["source"]["revision"])
    return (*source, *(target[name] for name in names), target["returned"] is not None)


def expected_unit(unit: Unit) -> tuple[Any, ...]:
    source = (unit.sources[-1].text, len(unit.sources))
    if not unit.targets:
        return (*source, None, None, "initial", None, None, False, None, False)
    target = unit.targets[-1]
    fields = (
        target.text,
        len(unit.targets),
        target.content[2],
        target.origin,
        target.based_on,
        unit.is_outdated,
        target.by,
    )
    return (*source, *fields, target.decision == "return")


def observed_resource(item: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in ("title", "name", "body") if name in item]
    observed = {
        "slugs": item["slugs"],
        "waivers": sorted(w["gap"] for w in item["waivers"]),
        "release": item["release"],
    }
    for x, fact in item["translations"].items():
        texts = tuple(item[name][x] for name in names)
        observed[x] = None if fact is None else (texts, (fact["state"], fact["origin"], fact["outdated"]))
        assert fact is not None or set(texts) == {None}
    return observed


def expected_resource(public: dict[str, Any], since: int) -> dict[str, Any]:
    sides = {x: None if public[x] is None else (public[x]["texts"], public[x]["fact"]) for x in OTHER_LANGUAGE}
    return {"slugs": public["slugs"], "waivers": public["waivers"], "release": since, **sides}
