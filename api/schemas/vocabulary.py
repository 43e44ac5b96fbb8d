"""The response with the words for the codes."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.schemas.common import WireSchema, described


class WordSchema(WireSchema):
    """A word or sentence in both languages."""

    en = fields.String(required=True, metadata=described("In English.", "Reviewed"))
    cy = fields.String(required=True, metadata=described("In Welsh.", "Wedi’i adolygu"))


def _words(description: str) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(), values=fields.Nested(WordSchema), required=True, metadata=described(description)
    )


def _groups(description: str) -> fields.Dict:
    words: Any = fields.Dict(keys=fields.String(), values=fields.Nested(WordSchema))
    return fields.Dict(keys=fields.String(), values=words, required=True, metadata=described(description))


class VocabularySchema(WireSchema):
    """The words for the codes in responses. Each group is an object: its members are the codes."""

    version = fields.String(required=True, metadata=described("The version of the service.", "0.2.0"))
    languages = _words("The names of the languages.")
    kinds = _words("The names of the kinds.")
    kind_plurals = _words("The names of the kinds in the plural.")
    stages = _words("The stages of a discussion (`stage` of a prompt).")
    parts = _words("The parts of the guide (`part` of a guide entry).")
    states = _words("The states of a text, and `outdated`, `missing` and `withdrawn`.")
    origins = _words("The kinds of author (`origin`).")
    reasons = _words("Why the requested language is not served (`reason`).")
    gaps = _words("What a waiver allowed (`gap`).")
    changes = _words("How a resource changed (`change`).")
    meanings = _groups("A sentence that explains each code, by group (`states`, `origins`, `gaps`, `changes`).")
    notes = _words("Notes to show with a text: about machine translation, review and age.")
    notices = _groups("The notice to show when another language is served, by reason and by requested language.")
    links = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata=described("The URL of this response.")
    )
