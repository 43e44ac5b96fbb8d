"""Answers to those who work on the content."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.domain.actions import Decision
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.state import MinState, Origin, State
from api.schemas.common import BlockerSchema, LinksSchema, SlugsSchema, WireSchema, described
from api.schemas.report import FullReleaseSchema


def _maybe(description: str, example: str | None = None, **more: str) -> fields.String:
    """A string, or null."""
    return fields.String(allow_none=True, required=True, metadata=described(description, example, **more))


def _word(description: str, example: str | None = None, **more: Any) -> fields.String:
    """A string that is always there."""
    return fields.String(required=True, metadata=described(description, example, **more))


def _time(description: str) -> fields.String:
    return _word(description, "2026-11-23T09:00:00Z", format="date-time")


def _number(description: str, example: int | None = None) -> fields.Integer:
    """A whole number, or null."""
    return fields.Integer(required=True, allow_none=True, metadata=described(description, example))


class SideSchema(WireSchema):
    """One text of a unit."""

    language = fields.String(required=True, metadata=described("Its language.", "en", enum=list(Language)))
    text = _maybe("The text; null where there is none yet.")
    revision = _number("The revision that stands; null where there is no text yet.", 2)
    updated_at = _maybe("When it was written.", "2026-11-23T09:00:00Z", format="date-time")
    updated_by = _maybe("Who wrote it: a name, in lower case.", "twm")


class ReturnedSchema(WireSchema):
    """Why a target was sent back."""

    by = _word("The reviewer: a name, in lower case.", "rhian")
    at = _time("When.")
    comment = _maybe("What the reviewer said to the translator.", "Mae ‘cadwyn’ ar goll.")


class TargetSchema(SideSchema):
    """The translation of a unit."""

    state = _word(
        "How far it has come. `initial` is no text, or a draft.",
        "translated",
        enum=list(State)[: State.REVIEWED.rank + 1],
    )
    origin = _maybe("Who wrote it: `human`, `machine`, `post-edited` (a person after a machine), `unknown`.", "human")
    tool = _maybe("Which machine, where `origin` is `machine`.")
    based_on = _number("The source revision that it was made from, or confirmed against.", 1)
    outdated = fields.Boolean(required=True, metadata=described("Has the sense of the source changed since?"))
    returned = fields.Nested(ReturnedSchema, required=True, allow_none=True)


class WordChangeSchema(WireSchema):
    """A stretch of the source, and what became of it."""

    op = _word("Did it stay, is it new, or is it gone?", "insert", enum=["equal", "insert", "delete"])
    text = _word("The stretch itself: whole words, and what parts them.", "chain ")


class UnitSchema(WireSchema):
    """One translatable text, in both languages, as it stands in the working copy."""

    id = fields.String(required=True, metadata=described("Its id.", "moment.chain-reaction.title"))
    resource = _word("The resource that it is of.", "moment.chain-reaction")
    field = _word("Which of its texts.", "title")
    note = _maybe("A note to translators.")
    source = fields.Nested(SideSchema, required=True)
    target = fields.Nested(TargetSchema, required=True)
    source_changes = fields.List(
        fields.Nested(WordChangeSchema),
        required=True,
        metadata=described("From the source that the target is based on to the one that stands, word by word."),
    )
    etag = fields.String(metadata=described("In a list: what If-Match takes."))


class UnitListSchema(WireSchema):
    """A page of the queue, most needed first."""

    items = fields.List(fields.Nested(UnitSchema), required=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata=described(
            "With `counts=true`: how many the filters find (`total`), in each state, `outdated`, `returned`."
        ),
    )
    links = fields.Nested(LinksSchema, required=True)


class RevisionSchema(WireSchema):
    """One act on a text."""

    revision = fields.Integer(required=True, metadata=described("Its number, from 1, in its language.", 2))
    act = _word("What was done: `write`, `minor`, `confirm`, `revert`, `load`, ….", "write")
    language = _word("The text’s language.", "cy", enum=list(Language))
    text = _word("The text as it was then.", "Adwaith cadwynol")
    origin = _word("Who wrote it.", "human", enum=list(Origin))
    tool = _maybe("Which machine, where one did.")
    via = _word("How it came in: `api`, `cli`, `pack`, ….", "api")
    by = _word("Who did it: a name, in lower case.", "twm")
    at = _time("When.")
    comment = _maybe("What they said of it.")


class SourceRevisionSchema(RevisionSchema):
    """One act on a source."""

    minor = fields.Boolean(
        required=True, allow_none=True, metadata=described("Did it leave the sense as it was? Null is no.")
    )
    about = _number("The earlier revision that `minor` is said of, where it is not this one.")


class DecisionSchema(WireSchema):
    """What a reviewer decided on a translation."""

    decision = _word("The decision.", "approve", enum=list(map(str, Decision)))
    by = _word("The reviewer: a name, in lower case.", "rhian")
    at = _time("When.")
    comment = _maybe("What the reviewer said.")


class TargetRevisionSchema(RevisionSchema):
    """One act on a translation."""

    state = _word("Was it a draft (`initial`), or meant to be done?", "translated", enum=["initial", "translated"])
    based_on = _number("The source revision that it was made from, or confirmed against.", 1)
    reviews = fields.List(
        fields.Nested(DecisionSchema), required=True, metadata=described("What was decided on it, oldest first.")
    )


class HistorySchema(WireSchema):
    """Every revision of both texts, oldest first."""

    id = _word("The unit.", "moment.chain-reaction.title")
    source = fields.List(fields.Nested(SourceRevisionSchema), required=True, metadata=described("Of the source."))
    target = fields.List(fields.Nested(TargetRevisionSchema), required=True, metadata=described("Of the translation."))


class WorkingResourceSchema(WireSchema):
    """A resource as it stands in the working copy."""

    id = _word("Its id, which never changes.", "moment.chain-reaction")
    kind = _word("Its kind.", "moment", enum=list(KINDS))
    source_language = _word("What it is written in: fixed for ever.", "en", enum=list(Language))
    slugs = fields.Nested(SlugsSchema, required=True)
    collection = _maybe("The key of its collection.", "consultant-social-workers")
    category = _maybe("The key of its category.", "better-outcomes")
    number = _number("The number that it is printed with.", 14)
    stage = fields.String(metadata=described("Of a prompt.", "framing"))
    part = fields.String(metadata=described("Of the guide.", "step"))
    facts = fields.Dict(required=True, metadata=described("What else is known of it, by name; it depends on its kind."))
    withdrawn = fields.Boolean(required=True, metadata=described("Is it withdrawn, or will it be with a release?"))
    release = _number("The release that its public edition is of; null where it was never released.", 1)
    units = fields.List(
        fields.String(), required=True, metadata=described("The ids of its texts.", ["moment.chain-reaction.title"])
    )
    etag = fields.String(metadata=described("In a list: what If-Match takes."))


class WorkingResourceListSchema(WireSchema):
    """A page of working copies, by kind and place."""

    items = fields.List(fields.Nested(WorkingResourceSchema), required=True)
    links = fields.Nested(LinksSchema, required=True)


class OldAndNewSchema(WireSchema):
    """A text that would change."""

    old = _maybe("The public text; null where none is.", "Chain reaction")
    new = _maybe("The text that would take its place; null where none would.", "A chain reaction")


class NextUnitSchema(WireSchema):
    """A unit of which a text would change."""

    id = _word("Its id.", "moment.chain-reaction.title")
    texts = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(OldAndNewSchema),
        required=True,
        metadata=described("The texts that would change, by language."),
    )


class NextResourceSchema(WireSchema):
    """A resource that would change."""

    id = _word("Its id.", "moment.chain-reaction")
    change = _word("What would become of it.", "changed", enum=["new", "changed", "withdrawn"])
    blocked = fields.Boolean(required=True, metadata=described("Is anything in its way?"))
    units = fields.List(
        fields.Nested(NextUnitSchema), required=True, metadata=described("Those of its units that would change.")
    )


class NextReleaseSchema(WireSchema):
    """What would go out now, and what blocks it."""

    resources = fields.List(fields.Nested(NextResourceSchema), required=True)
    blockers = fields.List(fields.Nested(BlockerSchema), required=True)
    required_state = _word("How far reviewed a translation must be to go out.", "translated", enum=list(MinState))


class MadeReleaseSchema(FullReleaseSchema):
    """The release that was made."""
