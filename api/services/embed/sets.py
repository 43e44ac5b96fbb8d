"""Embeds of a single text, and of sets of prompts or ground rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.domain.kind import GROUND_RULE, GUIDE, MOMENT, PROMPT
from api.domain.language import Language
from api.services.delivery.request import Filters
from api.services.embed.model import Embed, LanguageText, PassageGroup
from api.services.embed.passage import Passage
from api.services.embed.reader import Reader
from api.services.embed.target import EmbedKind, Target


def read_single(reader: Reader, target: Target) -> Embed:
    """Return the embed of a moment or prompt, or of a random moment."""
    if target.kind is EmbedKind.RANDOM:
        filters = Filters(collection=target.collection, categories=(target.category,) if target.category else ())
        passage = reader.choose(MOMENT, filters, target.seed)
    else:
        passage = reader.get(MOMENT if target.kind is EmbedKind.MOMENT else PROMPT, target.slug or "")
    return Embed(target, reader.context, moments=(passage,), keys=tuple(reader.keys), passages=(passage,))


def read_ground_rules(reader: Reader, target: Target) -> Embed:
    """Return the embed of the ground rules of one booklet, or of all booklets."""
    rules, omitted = reader.list_passages(GROUND_RULE, target.collection)
    reader.require(rules, omitted, target)
    groups = tuple(
        PassageGroup(tuple(rule for rule in rules if rule.collection == collection))
        for collection in dict.fromkeys(rule.collection for rule in rules)
    )
    keys = tuple(reader.keys)
    return Embed(target, reader.context, groups=groups, omitted=omitted, keys=keys, passages=tuple(rules))


def read_prompts(reader: Reader, target: Target) -> Embed:
    """Return the embed of a set of prompts, grouped under the headings and leads of the guide's steps."""
    prompts, omitted = reader.list_passages(PROMPT, target.collection, target.stage)
    reader.require(prompts, omitted, target)
    steps, _ = reader.list_documents(GUIDE, target.collection, "step")
    groups = group_prompts(prompts, steps)
    passages = tuple(passage for group in groups for passage in group.passages)
    keys = tuple(reader.keys)
    return Embed(target, reader.context, groups=groups, omitted=omitted, keys=keys, passages=passages)


def group_prompts(prompts: Sequence[Passage], steps: Sequence[Mapping[str, Any]]) -> tuple[PassageGroup, ...]:
    """Return the prompts in groups.

    The prompts of one step of the guide form a group, with the heading and lead of the step.
    """
    step_of = {
        (prompt["slug"], step["collection"]["slug"]): step
        for step in steps
        if step["collection"]
        for prompt in step["prompts"]
    }
    return tuple(_make_groups(prompts, step_of))


def _make_groups(prompts: Sequence[Passage], step_of: Mapping[Any, Mapping[str, Any]]) -> Iterator[PassageGroup]:
    groups: dict[Any, list[Passage]] = {}
    for prompt in prompts:
        step = step_of.get((prompt.slug, prompt.collection))
        # A step has a group of its own only if it has a heading or a lead.
        step_id = step["id"] if step and (step["heading"] or step["lead"]) else None
        groups.setdefault((prompt.collection, prompt.stage, step_id), []).append(prompt)
    for (_, stage, _), group in groups.items():
        step = step_of.get((group[0].slug, group[0].collection))
        yield PassageGroup(tuple(group), pick_text(step, "heading"), pick_text(step, "lead"), stage)


def pick_text(document: Mapping[str, Any] | None, name: str) -> LanguageText | None:
    """Return a text of a document with its language; None if the document has no such text."""
    if document is None or not document[name]:
        return None
    return LanguageText(document[name], Language(document["language"]["served"]))
