"""The parser of query strings and JSON bodies, which reports every error by its issue code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote_to_bytes

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from api.domain.errors import InvalidRequestError, Issue
from api.domain.issue_code import IssueCode
from api.schemas.fields import QuerySchema
from api.schemas.issues import body_issues, query_issues


class ArgumentsParser(FlaskParser):
    """A webargs parser that refuses unknown and repeated parameters. Every error is an InvalidRequestError."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": RAISE}

    def parse(self, argmap: Any, req: Request | None = None, *, location: str | None = None, **options: Any) -> Any:
        """Return the arguments in the query string or the body. Raises UnsupportedMediaType, InvalidRequestError."""
        if location == "query":
            return parse_query_string(argmap, (req or request).query_string)
        return super().parse(argmap, req, location=location, **options)

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
        raise InvalidRequestError(body_issues(messages["json"]))


@lru_cache(maxsize=1_000)
def parse_query_string(schema: QuerySchema | type[QuerySchema], query: bytes) -> Mapping[str, Any]:
    """Return the parameters in a query string. Raises InvalidRequestError.

    The most recent results are cached, because most query strings have been sent before.
    """
    schema = schema() if isinstance(schema, type) else schema
    params = parse_qsl(query.decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    read = [name for name, _ in params if schema.unknown == RAISE or name in schema.fields]
    repeated = [name for name, count in Counter(read).items() if count > 1]
    if repeated:
        raise InvalidRequestError([Issue(IssueCode.REPEATED_PARAMETER, parameter=name[:100]) for name in repeated])
    garbled = [name for name in _list_garbled(query) if schema.unknown == RAISE or name in schema.fields]
    if garbled:
        raise InvalidRequestError([Issue(IssueCode.INVALID_CHARACTER, parameter=name[:100]) for name in garbled])
    try:
        return MappingProxyType(schema.load(dict(params)))
    except ValidationError as error:
        raise InvalidRequestError(query_issues(error.messages)) from error


def _list_garbled(query: bytes) -> list[str]:
    """List the parameters whose values are not UTF-8.

    Lenient decoding could make two different values equal.
    """
    garbled = []
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        try:
            unquote_to_bytes(value).decode()
        except UnicodeDecodeError:
            garbled.append(unquote_to_bytes(name).decode(errors="replace"))
    return garbled
