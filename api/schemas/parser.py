"""Reading arguments: unknown and repeated parameters are refused, and nothing is said in English only."""

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
    """webargs for this service; all its errors are a RequestRefused.

    What a query string means depends on nothing else: it is read once, and those read last are remembered.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "json": RAISE}

    def load_querystring(self, req: Request, schema: Schema) -> MultiDictProxy:
        # Where others are ignored, only what the address knows must be in order.
        known = None if schema.unknown == RAISE else set(schema.fields)
        read = [name for name in req.args if known is None or name in known]
        repeated = [name for name in read if len(req.args.getlist(name)) > 1]
        if repeated:
            raise InvalidRequestError([Issue(IssueCode.REPEATED_PARAMETER, parameter=name[:100]) for name in repeated])
        garbled = [name for name in _list_garbled(req.query_string) if known is None or name in known]
        if garbled:
            raise InvalidRequestError([Issue(IssueCode.INVALID_CHARACTER, parameter=name[:100]) for name in garbled])
        proxy: MultiDictProxy = super().load_querystring(req, schema)
        return proxy

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as JSON. Raises UnsupportedMediaType, RequestRefused."""
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
        messages: Any = error.messages
        if "json" in messages:
            raise InvalidRequestError(body_issues(messages["json"]))
        raise InvalidRequestError(query_issues(messages.get("query", messages)))


def _list_garbled(query: bytes) -> list[str]:
    """The parameters with bytes that are not UTF-8: read leniently, two different values would be one."""
    garbled = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        try:
            unquote_to_bytes(value).decode()
        except UnicodeDecodeError:
            garbled.append(unquote_to_bytes(name).decode(errors="replace"))
    return garbled
