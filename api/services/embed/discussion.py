"""A whole session of Exploratory Talk: moments, the ground rules of their booklet, and its guide step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.domain.errors import (
    DomainError,
    LanguageNotAvailableError,
    NothingToServeError,
    ResourceSuppressedError,
    ResourceWithdrawnError,
    SlugMovedError,
)
from api.domain.kind import GROUND_RULE, GUIDE, MOMENT, PROMPT
from api.domain.language import Language
from api.services.embed.model import Embed, MissingItem, PassageGroup, Step
from api.services.embed.passage import Passage, make_passage
from api.services.embed.reader import Reader
from api.services.embed.sets import group_prompts, pick_text
from api.services.embed.target import Target


def read_discussion(reader: Reader, target: Target) -> Embed:
    """The session that ``target`` names. Raises ResourceMissing for a slug that never was one.

    A moment that is gone, or not to be had in the language, leaves its place to the reason; where none is left, the
    first reason is raised.
    """
    moments: list[Passage] = []
    absent: list[tuple[MissingItem, DomainError]] = []
    for slug in target.moments:
        found = _get_moment(reader, slug)
        if isinstance(found, Passage):
            moments.append(found)
        else:
            absent.append(found)
    if not moments:
        raise absent[0][1] if absent else NothingToServeError()
    rules: list[Passage] = []
    steps: list[Step] = []
    omitted = 0
    for collection in dict.fromkeys(moment.collection for moment in moments):
        found_rules, left_out = reader.list_passages(GROUND_RULE, collection)
        rules += found_rules
        prompts, left_out_too = reader.list_passages(PROMPT, collection)
        guide, _ = reader.list_documents(GUIDE, collection, "step")
        steps += _make_steps(guide, prompts, target.stages, reader)
        omitted += left_out + left_out_too
    return Embed(
        target, reader.context, moments=tuple(moments), rules=tuple(rules), steps=tuple(steps),
        missing=tuple(each for each, _ in absent), omitted=omitted, keys=tuple(reader.keys),
        passages=(*moments, *rules, *_list_passages(steps)),
    )  # fmt: skip


def _get_moment(reader: Reader, slug: str) -> Passage | tuple[MissingItem, DomainError]:
    try:
        return reader.get(MOMENT, slug)
    except SlugMovedError as moved:
        return _get_moment(reader, moved.slug)
    except LanguageNotAvailableError as missing:
        exists = Language(missing.exists) if missing.exists else None
        return MissingItem(slug, missing.reason, exists), missing
    except (ResourceWithdrawnError, ResourceSuppressedError) as gone:
        return MissingItem(slug, "withdrawn"), gone


def _make_steps(
    guide: Sequence[Mapping[str, Any]], prompts: Sequence[Passage], stages: Sequence[str], reader: Reader
) -> list[Step]:
    """The guide's steps in order. One without title and prompts is only the facilitator's: it joins the one before."""
    min_state = reader.context.rule.min_state
    by_slug = {prompt.slug: prompt for prompt in prompts}
    steps: list[Step] = []
    for step in guide:
        named = [by_slug[prompt["slug"]] for prompt in step["prompts"] if prompt["slug"] in by_slug]
        if named and named[0].stage not in stages:
            continue
        notes = (make_passage(step, min_state),) if step["body"] else ()
        groups = group_prompts(named, guide)
        if not groups and step["title"] is None and steps:
            last = steps.pop()
            steps.append(Step(last.title, last.group, last.notes + notes))
            continue
        steps.append(Step(pick_text(step, "title"), groups[0] if groups else None, notes))
    return steps


def _list_passages(steps: Sequence[Step]) -> Iterator[Passage]:
    for step in steps:
        yield from step.notes
        group: PassageGroup | None = step.group
        if group is not None:
            yield from group.passages
