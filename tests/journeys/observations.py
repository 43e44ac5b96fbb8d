"""Units and public answers in the form in which the service and the plain rules can be compared."""

from __future__ import annotations

from typing import Any

from tests.tools.entries import OTHER, Entry
from tests.tools.reference_rules import Unit


def to_resource(each: Entry) -> dict[str, Any]:
    units = {}
    for name, text in each.texts[each.source].items():
        unit = Unit([], [])
        target = each.texts[OTHER[each.source]].get(name)
        unit.load(text, *([] if target is None else [(target, each.origin, each.state)]))
        units[name] = unit
    return {"source": each.source, "slugs": dict(each.slugs), "withdrawn": False, "units": units}


def unit_seen(item: dict[str, Any]) -> tuple[Any, ...]:
    target = item["target"]
    names = ("text", "revision", "state", "origin", "based_on", "outdated", "updated_by")
    source = (item["source"]["text"], item["source"]["revision"])
    return (*source, *(target[name] for name in names), target["returned"] is not None)


def unit_told(unit: Unit) -> tuple[Any, ...]:
    source = (unit.sources[-1].text, len(unit.sources))
    if not unit.targets:
        return (*source, None, None, "initial", None, None, False, None, False)
    target = unit.targets[-1]
    told = (target.text, len(unit.targets), target.said[2], target.origin, target.based_on, unit.is_outdated, target.by)
    return (*source, *told, target.decision == "return")


def public_seen(item: dict[str, Any]) -> dict[str, Any]:
    names = [name for name in ("title", "name", "body") if name in item]
    seen = {"slugs": item["slugs"], "waivers": sorted(w["gap"] for w in item["waivers"]), "release": item["release"]}
    for x, fact in item["translations"].items():
        texts = tuple(item[name][x] for name in names)
        seen[x] = None if fact is None else (texts, (fact["state"], fact["origin"], fact["outdated"]))
        assert fact is not None or set(texts) == {None}
    return seen


def public_told(it: dict[str, Any], since: int) -> dict[str, Any]:
    sides = {x: None if it[x] is None else (it[x]["texts"], it[x]["fact"]) for x in OTHER}
    return {"slugs": it["slugs"], "waivers": it["waivers"], "release": since, **sides}
