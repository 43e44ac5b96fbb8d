"""Bodies of requests: JSON objects whose faults are told with a pointer each (RFC 6901)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from api.domain.actions import Decision, Side
from api.domain.gap import WAIVABLE
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.roles import Role
from api.domain.state import Origin
from api.schemas.common import described
from api.schemas.fields import Array, Boolean, Choice, CommentText, Integer, Map, NameText, Object, ReasonText, Text
from api.schemas.issues import wrong_type

# An element that is null has always been reported as one of another type.
_ELEMENT: dict[str, Any] = {"null": wrong_type("object")}


class BodySchema(Schema):
    """The members of one body; what it does not name is refused."""

    may_be_absent = False

    error_messages = {"unknown": IssueCode.UNKNOWN_MEMBER, "type": IssueCode.NOT_AN_OBJECT}


MAX_REVISION = 2**31 - 1
_TEXT = "Plain text, at most 20,000 characters: a blank line parts paragraphs, `*…*` is emphasis."
_HISTORY = "What is to be read of it in the history, at most 2,000 characters."


class TargetBody(BodySchema):
    text = Text(required=True, metadata=described(f"The translation. {_TEXT}", "Adwaith cadwynol"))
    state = Choice(
        ("initial", "translated"),
        metadata=described("`initial` saves a draft, which is never released. Left out: `translated`.", "translated"),
    )
    origin = Choice(
        Origin,
        metadata=described("Who wrote it. Left out: `post-edited` where it replaces a machine’s text, else `human`."),
    )
    tool = NameText(metadata=described("Which machine wrote it: required with `machine`, and kept with that only."))
    comment = CommentText(metadata=described(_HISTORY))


class SourceBody(BodySchema):
    text = Text(required=True, metadata=described(f"The source text. {_TEXT}", "Chain reaction"))
    minor = Boolean(
        metadata=described("The sense stays, so the translation is not outdated by it. Left out: it does not.")
    )
    comment = CommentText(metadata=described(_HISTORY))


class MinorBody(BodySchema):
    revision = Integer(
        1, MAX_REVISION, required=True, metadata=described("The earlier source revision that it is said of.", 2)
    )
    minor = Boolean(required=True, metadata=described("Did that revision leave the sense as it was?"))
    comment = CommentText(required=True, metadata=described("Why, for the history.", "A misprint only."))


class CommentBody(BodySchema):
    """Nothing in it is required, so neither is the body."""

    may_be_absent = True

    comment = CommentText(metadata=described(_HISTORY))


class ReviewBody(BodySchema):
    decision = Choice(tuple(map(str, Decision)), required=True, metadata=described("The decision.", "approve"))
    comment = CommentText(metadata=described("What the translator should know: required when sending back."))


class RevertBody(BodySchema):
    side = Choice(tuple(map(str, Side)), required=True, metadata=described("Which of the two texts.", "target"))
    revision = Integer(1, MAX_REVISION, required=True, metadata=described("The revision to go back to.", 1))


class ReasonBody(BodySchema):
    en = ReasonText(
        required=True, metadata=described("In English, at least 20 characters.", "The story is with the translator.")
    )
    cy = ReasonText(
        required=True, metadata=described("In Welsh, at least 20 characters.", "Mae’r stori gyda’r cyfieithydd.")
    )


class WaiveBody(BodySchema):
    resource = NameText(required=True, metadata=described("The resource.", "moment.chain-reaction"))
    gap = Choice(sorted(WAIVABLE), required=True, metadata=described("What is lacking.", "outdated"))
    reason = Object(ReasonBody, required=True)


class ReleaseBody(BodySchema):
    resources = Array(
        NameText(),
        metadata=described("The ids of what to release. Left out: all that has changed."),
    )
    ready = Boolean(metadata=described("Release all that nothing blocks; not with `resources` or `waive`."))
    note = Text(required=True, metadata=described("What the release says of itself: one line, at most 200 characters."))
    waive = Array(Object(WaiveBody, error_messages=_ELEMENT), metadata=described("Gaps to let pass, and why."))


class RevertReleaseBody(BodySchema):
    resources = Array(NameText(), metadata=described("The ids of what to restore. Left out: all."))
    note = Text(required=True, metadata=described("Why: one line, at most 200 characters."))


class SlugsBody(BodySchema):
    en = NameText(allow_none=True, metadata=described("In English.", "chain-reaction"))
    cy = NameText(allow_none=True, metadata=described("In Welsh.", "adwaith-cadwynol"))


class TextsBody(BodySchema):
    en = Text(metadata=described("In English."))
    cy = Text(metadata=described("In Welsh."))


class NewResourceBody(BodySchema):
    kind = Choice(KINDS, required=True, metadata=described("Its kind.", "moment"))
    source_language = Choice(
        Language, required=True, metadata=described("What it is written in: fixed for ever.", "cy")
    )
    texts = Map(
        keys=Text(),
        values=Object(TextsBody, error_messages=_ELEMENT),
        required=True,
        metadata=described("Its texts, by field and language; the source language has all of them."),
    )
    key = NameText(metadata=described("The key of its id; left out: made from its title."))
    collection = NameText(metadata=described("The key of its collection.", "consultant-social-workers"))
    category = NameText(metadata=described("The key of its category.", "better-outcomes"))
    number = Integer(1, 1_000_000, metadata=described("The number that it is printed with."))
    stage = Choice(KINDS["prompt"].facet_values, metadata=described("Of a prompt: where in the talk it belongs."))
    part = Choice(KINDS["guide"].facet_values, metadata=described("Of the guide: which part of it this is."))
    slugs = Object(SlugsBody)


class ChangeResourceBody(BodySchema):
    category = NameText(metadata=described("Another category, by key.", "research"))
    number = Integer(1, 1_000_000, allow_none=True, metadata=described("Another number, or none."))
    slugs = Object(SlugsBody)
    after = NameText(metadata=described("The id of the resource to stand right after; not with `before`."))
    before = NameText(metadata=described("The id of the resource to stand right before; not with `after`."))
    withdrawn = Boolean(metadata=described("Withdraw it with the next release, or take that back."))
    texts = Map(
        keys=Text(),
        values=Object(TextsBody, error_messages=_ELEMENT),
        metadata=described("Texts that it has not had, by field and language. What it has is changed at its unit."),
    )


class NewTokenBody(BodySchema):
    name = NameText(required=True, metadata=described("Whose it is: tokens of one name are one person.", "Twm"))
    roles = Array(Choice(Role), required=True, metadata=described("What it is for."))
    language = Choice(
        Language,
        metadata=described("The only language whose texts it may write, confirm or review. Left out: both.", "cy"),
    )
    expires = NameText(metadata=described("How long it lives: `90d`, `12h`, `30m`. Left out: for ever.", "90d"))
