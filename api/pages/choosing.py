"""A choice of what to embed: read from a query, and named in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from api.domain.choice import MOST_MINUTES, MOST_MOMENTS, PLACES, STAGES, THEMES, Choice
from api.domain.errors import Fault, RequestRefused
from api.domain.language import Language
from api.i18n import N_
from api.routes.labels import REASONS, STATES
from api.services.snapshot import MAX_RELEASE

T = TypeVar("T")
Arguments = MultiDict[str, str]

# What an embed is called where its text has no title of its own.
TITLES = {
    "moment": N_("Magic moment"),
    "prompt": N_("Prompt for discussion"),
    "prompts": N_("Prompts for discussion"),
    "ground-rules": N_("Ground rules for talk"),
    "session": N_("Discussion session"),
}
STAGE_NAMES = {
    "framing": N_("Before the talk"),
    "response": N_("In groups"),
    "reflection": N_("Looking back at the talk"),
    "after": N_("For the facilitator, after the session"),
}
PART_NAMES = {"ground-rules": TITLES["ground-rules"], "moments": N_("Magic moments"), **STAGE_NAMES}
# By the language of the reader.
NOTES: Mapping[str, Mapping[Language, str]] = {
    "missing": REASONS["missing"].meanings,
    "below_min_state": REASONS["below_min_state"].meanings,
    "machine": dict.fromkeys(Language, N_("This is a machine translation. Nobody has reviewed it yet.")),
    "unreviewed": dict.fromkeys(Language, N_("Nobody has reviewed this translation yet.")),
    "outdated": STATES["outdated"].meanings,
}


def read_choice(given: Arguments, language: str = "lang") -> Choice:
    """The choice that a query names; ``language`` is the parameter that names its language.

    Raises RequestRefused, with all that is wrong. What it does not know it leaves alone.
    """
    faults: list[Fault] = []
    kind = _one_of(given, "kind", PLACES, faults) or "moment"
    choice = Choice(
        kind,
        slug=_slug(given, kind, faults) if PLACES[kind].endswith("/") else None,
        collection=given.get("collection") or None,
        stage=_one_of(given, "stage", STAGES, faults),
        moments=_moments(given, faults) if kind == "session" else (),
        stages=_stages(given, faults),
        minutes=_number(given, "minutes", MOST_MINUTES, faults) if kind == "session" else None,
        language=_language(given, language, faults),
        theme=_one_of(given, "theme", THEMES, faults) or "auto",
        has_switch=given.get("switch") != "no",
        release=_number(given, "release", MAX_RELEASE, faults),
    )
    if faults:
        raise RequestRefused(faults)
    return choice


def _one_of(given: Arguments, name: str, choices: Iterable[str], faults: list[Fault]) -> str | None:
    value = given.get(name) or None
    if value is not None and value not in choices:
        faults.append(_unknown(name, value, choices))
        return None
    return value


def _unknown(name: str, value: str, choices: Iterable[str]) -> Fault:
    return Fault("unknown-choice", parameter=name, data={"value": value, "choices": ", ".join(choices)})


def _slug(given: Arguments, kind: str, faults: list[Fault]) -> str | None:
    # A form without a script sends one field a kind.
    slug = given.get("slug") or given.get(kind)
    if not slug:
        faults.append(Fault("required-parameter", parameter="slug"))
    return slug


def _moments(given: Arguments, faults: list[Fault]) -> tuple[str, ...]:
    moments = _several(given, "moments")
    if not moments:
        faults.append(Fault("required-parameter", parameter="moments"))
    if len(moments) > MOST_MOMENTS:
        faults.append(Fault("too-many", parameter="moments", data={"limit": MOST_MOMENTS}))
    return moments


def _stages(given: Arguments, faults: list[Fault]) -> tuple[str, ...]:
    stages = _several(given, "stages")
    faults += [_unknown("stages", stage, STAGES) for stage in stages if stage not in STAGES]
    # All of them is what goes without saying.
    return () if set(stages) >= set(STAGES) else tuple(stage for stage in STAGES if stage in stages)


def _several(given: Arguments, name: str) -> tuple[str, ...]:
    """``a,b`` and ``…=a&…=b`` alike, each once, in their order."""
    values = [part.strip() for value in given.getlist(name) for part in value.split(",")]
    return tuple(dict.fromkeys(value for value in values if value))


def _number(given: Arguments, name: str, most: int, faults: list[Fault]) -> int | None:
    value = given.get(name, "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < 11 and 1 <= int(value) <= most):
        faults.append(Fault("not-a-number", parameter=name, data={"least": 1, "most": most}))
        return None
    return int(value)


def _language(given: Arguments, name: str, faults: list[Fault]) -> Language | None:
    value = given.get(name) or None
    if value is not None and value not in set(Language):
        faults.append(Fault("unknown-language", parameter=name, data={"value": value}))
        return None
    return Language(value) if value else None


def say_notes(say: Callable[[str], str], notes: Sequence[str], language: Language) -> list[str]:
    """What must be said of a text to a reader of ``language``."""
    return [say(NOTES[note][language]) for note in notes]
