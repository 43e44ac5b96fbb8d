"""The query parameters of the lists of the working copy, and of the audit log."""

from __future__ import annotations

from api.domain.issue_code import IssueCode
from api.domain.kind import KINDS
from api.schemas.common import described
from api.schemas.fields import QueryBoolean, QueryChoice, QueryText
from api.schemas.language_fields import QueryLanguage
from api.schemas.query import NoQuery, after_parameter, limit_parameter
from api.schemas.words_field import QueryWords


class QueueQuery(NoQuery):
    state = QueryChoice(
        ("initial", "translated", "reviewed"), metadata=described("Only units in this state.", x_component="UnitState")
    )
    outdated = QueryBoolean(metadata=described("Only units that are outdated (`true`) or not (`false`)."))
    returned = QueryBoolean(
        metadata=described("Only units that were returned by a reviewer (`true`) or not (`false`).")
    )
    kind = QueryChoice(KINDS, metadata=described("Only units of resources of this kind.", x_component="UnitKind"))
    collection = QueryText(
        metadata=described("Only units of the collection with this key.", x_component="UnitCollection")
    )
    category = QueryText(metadata=described("Only units of the category with this key.", x_component="UnitCategory"))
    target = QueryLanguage(
        code=IssueCode.UNKNOWN_CHOICE, metadata=described("Only units that are translated into this language.")
    )
    by = QueryText(
        metadata=described(
            "Only units whose translation was last written by this person; `me` is the token’s person.",
            x_component="TranslatedBy",
        )
    )
    q = QueryWords(
        metadata=described(
            "Only units with these characters in either text. Case, accents and kinds of apostrophe are ignored.",
            x_component="UnitQ",
        )
    )
    counts = QueryBoolean(metadata=described("Whether to return the counts by state."))
    limit = limit_parameter()
    after = after_parameter()


class ResourceListQuery(NoQuery):
    kind = QueryChoice(KINDS, metadata=described("Only resources of this kind."))
    limit = limit_parameter()
    after = after_parameter()


class AuditQuery(NoQuery):
    subject = QueryText(metadata=described("Only entries about this resource, unit, release or token."))
    by = QueryText(metadata=described("Only entries by this person.", x_component="AuditBy"))
    limit = limit_parameter()
    after = after_parameter()
