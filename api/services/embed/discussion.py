"""A discussion (a session of Exploratory Talk): moments, ground rules of their booklets, and steps of the guide."""

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
from api.services.embed.model import DiscussionStep, Embed, MissingItem, PassageGroup
from api.services.embed.passage import Passage, make_passage
from api.services.embed.reader import Reader
from api.services.embed.sets import group_prompts, pick_text
from api.services.embed.target import Target


def read_discussion(reader: Reader, target: Target) -> Embed:
    """Return the discussion of the moments in ``target``.

    A moment that was withdrawn, or is not available in the language, is listed as missing. If all moments are missing,
    the error of the first moment is raised. Raises PublicResourceNotFoundError for a slug that never existed;
    NothingToServeError.
    """
    moments: list[Passage] = []
    missing: list[tuple[MissingItem, DomainError]] = []
    for slug in target.moments:
        result = _find_moment(reader, slug)
        if isinstance(result, Passage):
            moments.append(result)
        else:
            missing.append(result)
    if not moments:
        _, error = missing[0] if missing else (None, NothingToServeError())
        raise error
    rules: list[Passage] = []
    steps: list[DiscussionStep] = []
    omitted = 0
    for collection in dict.fromkeys(moment.collection for moment in moments):
        collection_rules, omitted_rules = reader.list_passages(GROUND_RULE, collection)
        rules += collection_rules
        prompts, omitted_prompts = reader.list_passages(PROMPT, collection)
        guide, _ = reader.list_documents(GUIDE, collection, "step")
        steps += _make_steps(guide, prompts, target.stages, reader)
        omitted += omitted_rules + omitted_prompts
    return Embed(
        target, reader.context, moments=tuple(moments), rules=tuple(rules), steps=tuple(steps),
        missing=tuple(item for item, _ in missing), omitted=omitted, keys=tuple(reader.keys),
        passages=(*moments, *rules, *_list_passages(steps)),
    )  # fmt: skip


def _find_moment(reader: Reader, slug: str) -> Passage | tuple[MissingItem, DomainError]:
    try:
        return reader.get(MOMENT, slug)
    except SlugMovedError as error:
        return _find_moment(reader, error.slug)
    except LanguageNotAvailableError as error:
        available = Language(error.available_in) if error.available_in else None
        return MissingItem(slug, error.reason, available), error
    except (ResourceWithdrawnError, ResourceSuppressedError) as error:
        return MissingItem(slug, "withdrawn"), error


def _make_steps(
    guide: Sequence[Mapping[str, Any]], prompts: Sequence[Passage], stages: Sequence[str], reader: Reader
) -> list[DiscussionStep]:
    """Return the steps of the guide in order.

    A step without title and prompts is for the facilitator only; its notes are added to the previous step.
    """
    min_state = reader.context.rule.min_state
    by_slug = {prompt.slug: prompt for prompt in prompts}
    steps: list[DiscussionStep] = []
    for step in guide:
        named = [by_slug[prompt["slug"]] for prompt in step["prompts"] if prompt["slug"] in by_slug]
        if named and named[0].stage not in stages:
            continue
        notes = (make_passage(step, min_state),) if step["body"] else ()
        groups = group_prompts(named, guide)
        if not groups and step["title"] is None and steps:
            last = steps.pop()
            steps.append(DiscussionStep(last.title, last.group, last.notes + notes))
            continue
        steps.append(DiscussionStep(pick_text(step, "title"), groups[0] if groups else None, notes))
    return steps


def _list_passages(steps: Sequence[DiscussionStep]) -> Iterator[Passage]:
    for step in steps:
        yield from step.notes
        group: PassageGroup | None = step.group
        if group is not None:
            yield from group.passages
