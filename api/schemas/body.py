"""Schemas of request bodies, which are JSON objects."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from api.domain.actions import Decision, Side
from api.domain.gap import WAIVABLE
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS
from api.domain.roles import Role
from api.domain.state import Origin
from api.schemas.common import described
from api.schemas.fields import Array, Boolean, Choice, CommentText, Integer, Map, NameText, Object, ReasonText, Text
from api.schemas.issues import wrong_type
from api.schemas.language_fields import LanguageChoice

# A null element is reported as a value of the wrong type.
_ELEMENT: dict[str, Any] = {"null": wrong_type("object")}


class BodySchema(Schema):
    """The members of a body. Unknown members are refused. A request must have a body unless ``may_be_absent``."""

    may_be_absent = False

    error_messages = {"unknown": IssueCode.UNKNOWN_MEMBER, "type": IssueCode.NOT_AN_OBJECT}


MAX_REVISION = 2**31 - 1
_TEXT = (
    "Plain text of at most 20,000 characters, with a blank line between paragraphs and `*…*` for emphasis. Stars that "
    "do not enclose words of a paragraph are stars, and so is `\\*`."
)
_HISTORY = "A comment for the history, at most 2,000 characters."


class TargetBody(BodySchema):
    """A translation."""

    text = Text(required=True, metadata=described(f"The translation. {_TEXT}", "Adwaith cadwynol"))
    state = Choice(
        ("initial", "translated"),
        metadata=described(
            "`initial` saves a draft, which is never released. The default is `translated`.", "translated"
        ),
    )
    origin = Choice(
        Origin,
        metadata=described(
            "The kind of author. The default is `post-edited` if it replaces a machine’s text, and `human` otherwise."
        ),
    )
    tool = NameText(metadata=described("The tool. Required if `origin` is `machine`, and ignored otherwise."))
    comment = CommentText(metadata=described(_HISTORY))


class SourceBody(BodySchema):
    """A source text."""

    text = Text(required=True, metadata=described(f"The source text. {_TEXT}", "Chain reaction"))
    minor = Boolean(
        metadata=described(
            "Whether the meaning stays the same, so that the translation stays valid. The default is false."
        )
    )
    comment = CommentText(metadata=described(_HISTORY))


class MinorBody(BodySchema):
    """The choice whether an earlier source revision counts as minor."""

    revision = Integer(
        1, MAX_REVISION, required=True, metadata=described("The earlier source revision that `minor` describes.", 2)
    )
    minor = Boolean(required=True, metadata=described("Whether the meaning stayed the same in that revision."))
    comment = CommentText(required=True, metadata=described("The reason, for the history.", "A misprint only."))


class CommentBody(BodySchema):
    """A body whose members are all optional; the body itself may be absent."""

    may_be_absent = True

    comment = CommentText(metadata=described(_HISTORY))


class ReviewBody(BodySchema):
    """A decision on a translation."""

    decision = Choice(tuple(map(str, Decision)), required=True, metadata=described("The decision.", "approve"))
    comment = CommentText(metadata=described("A comment to the translator. Required to return the translation."))


class RevertBody(BodySchema):
    """The revision to restore."""

    side = Choice(tuple(map(str, Side)), required=True, metadata=described("The source or the target text.", "target"))
    revision = Integer(1, MAX_REVISION, required=True, metadata=described("The revision to restore.", 1))


class ReasonBody(BodySchema):
    """A public reason, in both languages."""

    en = ReasonText(
        required=True,
        metadata=described("The reason in English, at least 20 characters.", "The story is with the translator."),
    )
    cy = ReasonText(
        required=True,
        metadata=described("The reason in Welsh, at least 20 characters.", "Mae’r stori gyda’r cyfieithydd."),
    )


class WaiveBody(BodySchema):
    """A gap to waive."""

    resource = NameText(required=True, metadata=described("The id of the resource.", "moment.chain-reaction"))
    gap = Choice(sorted(WAIVABLE), required=True, metadata=described("The kind of gap.", "outdated"))
    reason = Object(ReasonBody, required=True)


class ReleaseBody(BodySchema):
    """The resources to release, with a note."""

    resources = Array(
        NameText(),
        metadata=described("The ids of the resources to release. The default is all changed resources."),
    )
    ready = Boolean(
        metadata=described(
            "Whether to release every resource that has no blocker. Not allowed with `resources` or `waive`."
        )
    )
    note = Text(required=True, metadata=described("A note about the release: one line of at most 200 characters."))
    waive = Array(Object(WaiveBody, error_messages=_ELEMENT), metadata=described("Gaps to waive, with the reasons."))


class RevertReleaseBody(BodySchema):
    """The resources to restore, with a note."""

    resources = Array(NameText(), metadata=described("The ids of the resources to restore. The default is all."))
    note = Text(required=True, metadata=described("The reason: one line of at most 200 characters."))


class SlugsBody(BodySchema):
    """The slug of each language."""

    en = NameText(allow_none=True, metadata=described("In English.", "chain-reaction"))
    cy = NameText(allow_none=True, metadata=described("In Welsh.", "adwaith-cadwynol"))


class TextsBody(BodySchema):
    """A text in one language or in both."""

    en = Text(metadata=described("In English."))
    cy = Text(metadata=described("In Welsh."))


class NewResourceBody(BodySchema):
    """A new resource."""

    kind = Choice(KINDS, required=True, metadata=described("Its kind.", "moment"))
    source_language = LanguageChoice(
        required=True, metadata=described("The source language, which never changes.", "cy")
    )
    texts = Map(
        keys=Text(),
        values=Object(TextsBody, error_messages=_ELEMENT),
        required=True,
        metadata=described("Its texts, by field and language. Each has a text in the source language."),
    )
    key = NameText(metadata=described("The key of its id. The default is made from its title."))
    collection = NameText(metadata=described("The key of its collection.", "consultant-social-workers"))
    category = NameText(metadata=described("The key of its category.", "better-outcomes"))
    number = Integer(1, 1_000_000, metadata=described("The printed number."))
    stage = Choice(KINDS["prompt"].facet_values, metadata=described("The stage of a prompt in the discussion."))
    part = Choice(KINDS["guide"].facet_values, metadata=described("The part of the guide."))
    slugs = Object(SlugsBody)


class ChangeResourceBody(BodySchema):
    """The changes of a resource."""

    category = NameText(metadata=described("The key of the new category.", "research"))
    number = Integer(1, 1_000_000, allow_none=True, metadata=described("The new number, or null to remove it."))
    slugs = Object(SlugsBody)
    after = NameText(metadata=described("The id of the resource to move it after. Not allowed with `before`."))
    before = NameText(metadata=described("The id of the resource to move it before. Not allowed with `after`."))
    withdrawn = Boolean(metadata=described("Whether to withdraw it with the next release."))
    texts = Map(
        keys=Text(),
        values=Object(TextsBody, error_messages=_ELEMENT),
        metadata=described("New texts by field and language. Existing texts are changed through their units."),
    )


class NewTokenBody(BodySchema):
    """A new token."""

    name = NameText(
        required=True,
        metadata=described("The person’s name. Tokens with the same name belong to the same person.", "Twm"),
    )
    roles = Array(Choice(Role), required=True, metadata=described("The roles of the token."))
    language = LanguageChoice(
        metadata=described(
            "The only language whose texts the token may write, confirm or review. The default is both.", "cy"
        ),
    )
    expires = NameText(metadata=described("The lifetime: `90d`, `12h`, `30m`. The default is no expiry.", "90d"))
