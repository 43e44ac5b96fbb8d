"""Bodies of requests: JSON objects whose faults are told with a pointer each (RFC 6901)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, fields

from api.domain.actions import Decision, Side
from api.domain.errors import InvalidTextError, Issue
from api.domain.gap import WAIVABLE
from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS
from api.domain.language import Language
from api.domain.roles import Role
from api.domain.state import Origin
from api.domain.text import clean_comment, clean_name, clean_reason
from api.schemas.common import described
from api.schemas.fields import refuse

# In comments and names both have always been called by one word.
_NAMED_ALIKE = {
    IssueCode.CONTROL_CHARACTER: IssueCode.INVALID_CHARACTER,
    IssueCode.SURROGATE: IssueCode.INVALID_CHARACTER,
}


class BodySchema(Schema):
    """The members of one body; what it does not name is refused."""

    may_be_absent = False

    error_messages = {"unknown": IssueCode.UNKNOWN_MEMBER, "type": IssueCode.NOT_AN_OBJECT}  # noqa: RUF012  # marshmallow's own form


_MESSAGES: dict[str, Any] = {
    "required": IssueCode.REQUIRED,
    "null": IssueCode.NOT_NULL,
    "invalid": IssueCode.WRONG_TYPE,
}
_LIST_MESSAGES = {**_MESSAGES, "invalid": {"fault": IssueCode.WRONG_TYPE, "data": {"wanted": "array"}}}


class BodyText(fields.Field[str]):
    """A string. What may stand in a text is the business of ``domain/text.py``."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012  # marshmallow's own form

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse(IssueCode.WRONG_TYPE, wanted="string")
        return value


class CommentText(BodyText):
    """A few words to others: nothing that nobody can see, at most 2,000 characters."""

    tidy: Callable[[str], str] = staticmethod(clean_comment)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self.tidy(text)
        except InvalidTextError as error:
            raise refuse(_NAMED_ALIKE.get(error.code, error.code), **error.data) from error


class NameText(CommentText):
    """A comment that may not be empty, on one line, at most 200 characters."""

    tidy = staticmethod(clean_name)


class ReasonText(BodyText):
    """Why a gap is let pass, for everybody to read: a text like any other, of at least 20 characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return clean_reason(text)
        except InvalidTextError as error:
            raise refuse(error.code, **error.data) from error


class BodyChoice(BodyText):
    """One of a few words."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        self.choices = tuple(str(choice) for choice in choices)
        metadata = {"type": "string", "enum": list(self.choices), **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in self.choices:
            raise refuse(IssueCode.UNKNOWN_CHOICE, value=text[:50], choices=", ".join(self.choices))
        return text


class BodyBoolean(fields.Field[bool]):
    """true or false, and nothing that could be taken for either."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012  # marshmallow's own form

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise refuse(IssueCode.WRONG_TYPE, wanted="boolean")
        return value


class BodyInteger(fields.Field[int]):
    """A whole number from ``least`` to ``most``."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012  # marshmallow's own form

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        metadata = {"type": "integer", "minimum": least, "maximum": most, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise refuse(IssueCode.WRONG_TYPE, wanted="integer")
        if not self.least <= value <= self.most:
            raise refuse(IssueCode.OUT_OF_RANGE, least=self.least, most=self.most)
        return value


def _string(description: str, example: Any = None, **more: Any) -> dict[str, Any]:
    return described(description, example, type="string", **more)


MAX_REVISION = 2**31 - 1
_TEXT = "Plain text, at most 20,000 characters: a blank line parts paragraphs, `*…*` is emphasis."
_HISTORY = "What is to be read of it in the history, at most 2,000 characters."


class TargetBody(BodySchema):
    text = BodyText(required=True, metadata=_string(f"The translation. {_TEXT}", "Adwaith cadwynol"))
    state = BodyChoice(
        ("initial", "translated"),
        metadata=described("`initial` saves a draft, which is never released. Left out: `translated`.", "translated"),
    )
    origin = BodyChoice(
        Origin,
        metadata=described("Who wrote it. Left out: `post-edited` where it replaces a machine’s text, else `human`."),
    )
    tool = NameText(metadata=_string("Which machine wrote it: required with `machine`, and kept with that only."))
    comment = CommentText(metadata=_string(_HISTORY))


class SourceBody(BodySchema):
    text = BodyText(required=True, metadata=_string(f"The source text. {_TEXT}", "Chain reaction"))
    minor = BodyBoolean(
        metadata=described(
            "The sense stays, so the translation is not outdated by it. Left out: it does not.", type="boolean"
        )
    )
    comment = CommentText(metadata=_string(_HISTORY))


class MinorBody(BodySchema):
    revision = BodyInteger(
        1, MAX_REVISION, required=True, metadata=described("The earlier source revision that it is said of.", 2)
    )
    minor = BodyBoolean(
        required=True, metadata=described("Did that revision leave the sense as it was?", type="boolean")
    )
    comment = CommentText(required=True, metadata=_string("Why, for the history.", "A misprint only."))


class CommentBody(BodySchema):
    """Nothing in it is required, so neither is the body."""

    may_be_absent = True

    comment = CommentText(metadata=_string(_HISTORY))


class ReviewBody(BodySchema):
    decision = BodyChoice(tuple(map(str, Decision)), required=True, metadata=described("The decision.", "approve"))
    comment = CommentText(metadata=_string("What the translator should know: required when sending back."))


class RevertBody(BodySchema):
    side = BodyChoice(tuple(map(str, Side)), required=True, metadata=described("Which of the two texts.", "target"))
    revision = BodyInteger(1, MAX_REVISION, required=True, metadata=described("The revision to go back to.", 1))


class ReasonBody(BodySchema):
    en = ReasonText(
        required=True, metadata=_string("In English, at least 20 characters.", "The story is with the translator.")
    )
    cy = ReasonText(
        required=True, metadata=_string("In Welsh, at least 20 characters.", "Mae’r stori gyda’r cyfieithydd.")
    )


class WaiveBody(BodySchema):
    resource = NameText(required=True, metadata=_string("The resource.", "moment.chain-reaction"))
    gap = BodyChoice(sorted(WAIVABLE), required=True, metadata=described("What is lacking.", "outdated"))
    reason = fields.Nested(ReasonBody, required=True, error_messages=_MESSAGES)


class ReleaseBody(BodySchema):
    resources = fields.List(
        NameText(),
        error_messages=_LIST_MESSAGES,
        metadata=described("The ids of what to release. Left out: all that has changed."),
    )
    ready = BodyBoolean(
        metadata=described("Release all that nothing blocks; not with `resources` or `waive`.", type="boolean")
    )
    note = NameText(
        required=True, metadata=_string("What the release says of itself: one line, at most 200 characters.")
    )
    waive = fields.List(
        fields.Nested(WaiveBody), error_messages=_LIST_MESSAGES, metadata=described("Gaps to let pass, and why.")
    )


class RevertReleaseBody(BodySchema):
    resources = fields.List(
        NameText(), error_messages=_LIST_MESSAGES, metadata=described("The ids of what to restore. Left out: all.")
    )
    note = NameText(required=True, metadata=_string("Why: one line, at most 200 characters."))


class SlugsBody(BodySchema):
    en = NameText(allow_none=True, metadata=_string("In English.", "chain-reaction"))
    cy = NameText(allow_none=True, metadata=_string("In Welsh.", "adwaith-cadwynol"))


class TextsBody(BodySchema):
    en = BodyText(metadata=_string("In English."))
    cy = BodyText(metadata=_string("In Welsh."))


class NewResourceBody(BodySchema):
    kind = BodyChoice(KINDS, required=True, metadata=described("Its kind.", "moment"))
    source_language = BodyChoice(
        Language, required=True, metadata=described("What it is written in: fixed for ever.", "cy")
    )
    texts = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(TextsBody),
        required=True,
        error_messages=_MESSAGES,
        metadata=described("Its texts, by field and language; the source language has all of them."),
    )
    key = NameText(metadata=_string("The key of its id; left out: made from its title."))
    collection = NameText(metadata=_string("The key of its collection.", "consultant-social-workers"))
    category = NameText(metadata=_string("The key of its category.", "better-outcomes"))
    number = BodyInteger(1, 1_000_000, metadata=described("The number that it is printed with."))
    stage = BodyChoice(KINDS["prompt"].facet_values, metadata=described("Of a prompt: where in the talk it belongs."))
    part = BodyChoice(KINDS["guide"].facet_values, metadata=described("Of the guide: which part of it this is."))
    slugs = fields.Nested(SlugsBody, error_messages=_MESSAGES)


class ChangeResourceBody(BodySchema):
    category = NameText(metadata=_string("Another category, by key.", "research"))
    number = BodyInteger(1, 1_000_000, allow_none=True, metadata=described("Another number, or none."))
    slugs = fields.Nested(SlugsBody, error_messages=_MESSAGES)
    after = NameText(metadata=_string("The id of the resource to stand right after; not with `before`."))
    before = NameText(metadata=_string("The id of the resource to stand right before; not with `after`."))
    withdrawn = BodyBoolean(metadata=described("Withdraw it with the next release, or take that back.", type="boolean"))
    texts = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(TextsBody),
        error_messages=_MESSAGES,
        metadata=described("Texts that it has not had, by field and language. What it has is changed at its unit."),
    )


class NewTokenBody(BodySchema):
    name = NameText(required=True, metadata=_string("Whose it is: tokens of one name are one person.", "Twm"))
    roles = fields.List(
        BodyChoice(Role), required=True, error_messages=_LIST_MESSAGES, metadata=described("What it is for.")
    )
    language = BodyChoice(
        Language,
        metadata=described("The only language whose texts it may write, confirm or review. Left out: both.", "cy"),
    )
    expires = NameText(metadata=_string("How long it lives: `90d`, `12h`, `30m`. Left out: for ever.", "90d"))


def body_issues(messages: Any, pointer: str = "") -> list[Issue]:
    """Marshmallow's messages about a body as faults, each with its pointer."""
    if isinstance(messages, dict) and set(messages) != {"fault", "data"}:
        return [fault for name, inner in messages.items() for fault in body_issues(inner, _step(pointer, name))]
    if isinstance(messages, list):
        return [fault for message in messages for fault in body_issues(message, pointer)]
    if isinstance(messages, dict):
        return [Issue(messages["fault"], pointer=pointer, data=messages["data"])]
    return [
        Issue(
            IssueCode(messages) if messages in _WORDS else IssueCode.WRONG_TYPE,
            pointer=pointer,
            data={"wanted": "object"},
        )
    ]


def _step(pointer: str, name: object) -> str:
    """The pointer to a member, or to a place in a list (RFC 6901, 3); what is marshmallow's own is no step."""
    # ``texts`` is the one map: of each of its members marshmallow says whether the key or the value is wrong.
    is_of_a_map = name in {"key", "value"} and pointer.startswith("/texts/") and pointer.count("/") == 2
    if name == "_schema" or is_of_a_map:
        return pointer
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


_WORDS = frozenset({*_MESSAGES.values(), *BodySchema.error_messages.values()})
