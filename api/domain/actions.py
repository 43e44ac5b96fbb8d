"""The actions on texts, resources, releases and tokens, as the codes that are stored and sent."""

from __future__ import annotations

from enum import StrEnum


class RevisionAct(StrEnum):
    """The action that a revision of a text records."""

    WRITE = "write"
    MINOR = "minor"
    CONFIRM = "confirm"
    REVERT = "revert"
    IMPORT = "import"
    LOAD = "load"


class Decision(StrEnum):
    """A reviewer's decision on a translation."""

    APPROVE = "approve"
    RETURN = "return"


class Side(StrEnum):
    """One of the two texts of a unit."""

    SOURCE = "source"
    TARGET = "target"


class AuditAction(StrEnum):
    """The action that an entry of the audit log records."""

    # Actions on a text: the acts of revisions, and the decisions of reviewers.
    WRITE = "write"
    MINOR = "minor"
    CONFIRM = "confirm"
    APPROVE = "approve"
    RETURN = "return"
    # Actions on a text or on a resource.
    LOAD = "load"
    # Actions on a text or on a release.
    REVERT = "revert"
    # Actions on a resource.
    CREATE = "create"
    ADD_TEXTS = "add-texts"
    CHANGE = "change"
    MOVE = "move"
    MAKE_ROOM = "make-room"
    SLUG = "slug"
    WITHDRAW = "withdraw"
    TAKE_BACK = "take-back"
    DELETE = "delete"
    SUPPRESS = "suppress"
    # On a release.
    RELEASE = "release"
    # On a token.
    TOKEN_CREATE = "token-create"
    TOKEN_REVOKE = "token-revoke"
