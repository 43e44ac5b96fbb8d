"""Schemas of the working copy: units, resources and the next release."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.domain.actions import Decision
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.state import MinState, Origin, State
from api.schemas.common import PageLinksSchema, SlugPairSchema, WireSchema, described
from api.schemas.problem import BlockerSchema
from api.schemas.report import FullReleaseSchema


def _nullable_string(description: str, example: str | None = None, **metadata: Any) -> fields.String:
    """Return a required field with a string or null."""
    return fields.String(allow_none=True, required=True, metadata=described(description, example, **metadata))


def _string(description: str, example: str | None = None, **metadata: Any) -> fields.String:
    """Return a required field with a string."""
    return fields.String(required=True, metadata=described(description, example, **metadata))


def _time(description: str) -> fields.String:
    return _string(description, "2026-11-23T09:00:00Z", format="date-time")


def _nullable_integer(description: str, example: int | None = None) -> fields.Integer:
    """Return a required field with an integer or null."""
    return fields.Integer(required=True, allow_none=True, metadata=described(description, example))


class SourceTextSchema(WireSchema):
    """One text of a unit."""

    language = fields.String(required=True, metadata=described("The language.", "en", enum=list(Language)))
    text = _nullable_string("The text, or null if there is none yet.")
    revision = _nullable_integer("The current revision, or null if there is no text yet.", 2)
    updated_at = _nullable_string("The time of the current revision.", "2026-11-23T09:00:00Z", format="date-time")
    updated_by = _nullable_string("The author’s name, in lower case.", "twm")


class ReturnNoteSchema(WireSchema):
    """A reviewer's return of a translation to the translator."""

    by = _string("The reviewer’s name, in lower case.", "rhian")
    at = _time("The time.")
    comment = _nullable_string("The reviewer’s comment to the translator.", "Mae ‘cadwyn’ ar goll.")


class TranslatedTextSchema(SourceTextSchema):
    """The translation of a unit."""

    state = _string(
        "The state of the translation. `initial` is a draft, or no text.",
        "translated",
        enum=list(State)[: State.REVIEWED.rank + 1],
    )
    origin = _nullable_string(
        "The kind of author. `post-edited` is a machine’s text that a person edited.",
        "human",
        enum=list(Origin),
    )
    tool = _nullable_string("The tool, if `origin` is `machine`.")
    based_on = _nullable_integer("The source revision that was translated or confirmed.", 1)
    outdated = fields.Boolean(required=True, metadata=described("Whether the meaning of the source has changed since."))
    returned = fields.Nested(ReturnNoteSchema, required=True, allow_none=True)


class WordChangeSchema(WireSchema):
    """A part of the source that is unchanged, inserted or deleted."""

    op = _string("The operation.", "insert", enum=["equal", "insert", "delete"])
    text = _string("The words and the characters between them.", "chain ")


class UnitSchema(WireSchema):
    """A translatable text of the working copy, in both languages."""

    id = fields.String(required=True, metadata=described("Its id.", "moment.chain-reaction.title"))
    resource = _string("The id of its resource.", "moment.chain-reaction")
    field = _string("The field of the resource.", "title")
    note = _nullable_string("A note to translators.")
    source = fields.Nested(SourceTextSchema, required=True)
    target = fields.Nested(TranslatedTextSchema, required=True)
    source_changes = fields.List(
        fields.Nested(WordChangeSchema),
        required=True,
        metadata=described(
            "The word-by-word difference between the source that the target is based on and the current one."
        ),
    )
    etag = fields.String(metadata=described("Only in a list: the ETag for `If-Match`."))


class UnitListSchema(WireSchema):
    """A page of units, the most urgent first."""

    items = fields.List(fields.Nested(UnitSchema), required=True)
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata=described(
            "With `counts=true`: how many units match the filters (`total`), are in each state, are `outdated` "
            "and are `returned`."
        ),
    )
    links = fields.Nested(PageLinksSchema, required=True)


class RevisionSchema(WireSchema):
    """A revision of a text."""

    revision = fields.Integer(required=True, metadata=described("Its number in its language, from 1.", 2))
    act = _string("The action: `write`, `minor`, `confirm`, `revert`, `load` and others.", "write")
    language = _string("The text’s language.", "cy", enum=list(Language))
    text = _string("The text of the revision.", "Adwaith cadwynol")
    origin = _string("The kind of author.", "human", enum=list(Origin))
    tool = _nullable_string("The tool, if a machine wrote it.")
    via = _string("The channel: `api`, `cli`, `pack` and others.", "api")
    by = _string("The person’s name, in lower case.", "twm")
    at = _time("The time.")
    comment = _nullable_string("The person’s comment.")


class SourceRevisionSchema(RevisionSchema):
    """A revision of a source text."""

    minor = fields.Boolean(
        required=True, allow_none=True, metadata=described("Whether the meaning stayed the same. Null means no.")
    )
    about = _nullable_integer("The earlier revision that `minor` describes, or null if it is this one.")


class ReviewSchema(WireSchema):
    """A reviewer’s decision on a translation."""

    decision = _string("The decision.", "approve", enum=list(map(str, Decision)))
    by = _string("The reviewer’s name, in lower case.", "rhian")
    at = _time("The time.")
    comment = _nullable_string("The reviewer’s comment.")


class TargetRevisionSchema(RevisionSchema):
    """A revision of a translation."""

    state = _string(
        "Whether it was a draft (`initial`) or a finished translation (`translated`).",
        "translated",
        enum=["initial", "translated"],
    )
    based_on = _nullable_integer("The source revision that was translated or confirmed.", 1)
    reviews = fields.List(
        fields.Nested(ReviewSchema), required=True, metadata=described("The reviews of this revision, oldest first.")
    )


class HistorySchema(WireSchema):
    """Every revision of both texts, oldest first."""

    id = _string("The unit.", "moment.chain-reaction.title")
    source = fields.List(
        fields.Nested(SourceRevisionSchema), required=True, metadata=described("The revisions of the source.")
    )
    target = fields.List(
        fields.Nested(TargetRevisionSchema), required=True, metadata=described("The revisions of the translation.")
    )


class WorkingResourceSchema(WireSchema):
    """A resource of the working copy."""

    id = _string("Its id, which never changes.", "moment.chain-reaction")
    kind = _string("Its kind.", "moment", enum=list(KINDS))
    source_language = _string("The source language, which never changes.", "en", enum=list(Language))
    slugs = fields.Nested(SlugPairSchema, required=True)
    collection = _nullable_string("The key of its collection.", "consultant-social-workers")
    category = _nullable_string("The key of its category.", "better-outcomes")
    number = _nullable_integer("The printed number.", 14)
    stage = fields.String(metadata=described("The stage of a prompt.", "framing"))
    part = fields.String(metadata=described("The part of the guide.", "step"))
    facts = fields.Dict(required=True, metadata=described("More facts by name, which depend on the kind."))
    withdrawn = fields.Boolean(
        required=True, metadata=described("Whether it is withdrawn, or will be with the next release.")
    )
    release = _nullable_integer("The release of its public edition, or null if it was never released.", 1)
    units = fields.List(
        fields.String(), required=True, metadata=described("The ids of its texts.", ["moment.chain-reaction.title"])
    )
    etag = fields.String(metadata=described("Only in a list: the ETag for `If-Match`."))


class WorkingResourceListSchema(WireSchema):
    """A page of resources of the working copy, by kind and position."""

    items = fields.List(fields.Nested(WorkingResourceSchema), required=True)
    links = fields.Nested(PageLinksSchema, required=True)


class OldAndNewSchema(WireSchema):
    """A text that the next release would change."""

    old = _nullable_string("The public text, or null.", "Chain reaction")
    new = _nullable_string("The text that would replace it, or null.", "A chain reaction")


class NextUnitSchema(WireSchema):
    """A unit that the next release would change."""

    id = _string("Its id.", "moment.chain-reaction.title")
    texts = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(OldAndNewSchema),
        required=True,
        metadata=described("The changed texts, by language."),
    )


class NextResourceSchema(WireSchema):
    """A resource that the next release would change."""

    id = _string("Its id.", "moment.chain-reaction")
    change = _string("The change.", "changed", enum=["new", "changed", "withdrawn"])
    blocked = fields.Boolean(required=True, metadata=described("Whether the resource has a blocker."))
    units = fields.List(fields.Nested(NextUnitSchema), required=True, metadata=described("The changed units."))


class NextReleaseSchema(WireSchema):
    """The changes of the next release, and their blockers."""

    resources = fields.List(fields.Nested(NextResourceSchema), required=True)
    blockers = fields.List(fields.Nested(BlockerSchema), required=True)
    required_state = _string("The minimum state of a translation to be published.", "translated", enum=list(MinState))


class MadeReleaseSchema(FullReleaseSchema):
    """The release that the request published."""
