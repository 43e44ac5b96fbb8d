"""The parser of query strings and JSON bodies, which reports every error by its issue code."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import Request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.exceptions import UnsupportedMediaType

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.schemas.issues import body_issues, query_issues


class ArgumentsParser(FlaskParser):
    """A webargs parser that refuses unknown and repeated parameters. All its errors are InvalidRequestError."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "json": RAISE}

    def load_querystring(self, req: Request, schema: Schema) -> MultiDictProxy:
        """Return the parameters of the query string. Raises InvalidRequestError."""

        def is_read(name: str) -> bool:
            return schema.unknown == RAISE or name in schema.fields

        repeated = [name for name in req.args if is_read(name) and len(req.args.getlist(name)) > 1]
        if repeated:
            raise InvalidRequestError([Issue(IssueCode.REPEATED_PARAMETER, parameter=name[:100]) for name in repeated])
        garbled = [name for name in _list_garbled(req.query_string) if is_read(name)]
        if garbled:
            raise InvalidRequestError([Issue(IssueCode.INVALID_CHARACTER, parameter=name[:100]) for name in garbled])
        proxy: MultiDictProxy = super().load_querystring(req, schema)
        return proxy

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the body as JSON. Raises UnsupportedMediaType, InvalidRequestError."""
        if getattr(schema, "may_be_absent", False) and not req.get_data():
            return {}
        if not req.is_json:
            raise UnsupportedMediaType
        try:
            body = json.loads(req.get_data())
        except (ValueError, RecursionError) as error:
            raise InvalidRequestError([Issue(IssueCode.UNREADABLE_JSON, pointer="")]) from error
        if not isinstance(body, dict):
            raise InvalidRequestError([Issue(IssueCode.NOT_AN_OBJECT, pointer="")])
        return body

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **kwargs: Any) -> NoReturn:
        """Raise InvalidRequestError with an issue for each message."""
        messages: Any = error.messages
        if "json" in messages:
            raise InvalidRequestError(body_issues(messages["json"]))
        raise InvalidRequestError(query_issues(messages.get("query", messages)))


def _list_garbled(query: bytes) -> list[str]:
    """List the parameters whose values are not UTF-8.

    Decoded leniently, two different values could become equal.
    """
    garbled = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        try:
            unquote_to_bytes(value).decode()
        except UnicodeDecodeError:
            garbled.append(unquote_to_bytes(name).decode(errors="replace"))
    return garbled
