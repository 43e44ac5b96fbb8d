"""The parser of query strings and JSON bodies, which reports every error by its issue code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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
from api.schemas.json_body import parse_json


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
            body = parse_json(req.get_data())
        except ValueError as error:
            raise InvalidRequestError([Issue(IssueCode.UNREADABLE_JSON, pointer="")]) from error
        if not isinstance(body, dict):
            raise InvalidRequestError([Issue(IssueCode.NOT_AN_OBJECT, pointer="")])
        return body

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **kwargs: Any) -> NoReturn:
        """Raise InvalidRequestError with an issue for each message."""
        messages: Any = error.messages
        raise InvalidRequestError(body_issues(_in_order(messages["json"], parse_json(req.get_data() or b"{}"))))


@lru_cache(maxsize=1_000)
def parse_query_string(schema: QuerySchema | type[QuerySchema], query: bytes) -> Mapping[str, Any]:
    """Return the parameters in a query string. Raises InvalidRequestError.

    The most recent results are cached, because most query strings have been sent before.
    """
    schema = schema() if isinstance(schema, type) else schema
    params = parse_qsl(query.decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    read = [name for name, _ in params if schema.unknown == RAISE or name in schema.fields]
    repeated = [name for name, count in Counter(read).items() if count > 1 and not _is_repeatable(schema, name)]
    if repeated:
        raise InvalidRequestError([Issue(IssueCode.REPEATED_PARAMETER, parameter=name[:100]) for name in repeated])
    values = [(name, pair.partition(b"=")[2]) for name, pair in split_pairs(query)]
    garbled = [name for name, value in values if name in set(read) and not is_utf8(value)]
    if garbled:
        raise InvalidRequestError([Issue(IssueCode.INVALID_CHARACTER, parameter=name[:100]) for name in garbled])
    try:
        return MappingProxyType(schema.load(_join_repeated(params)))
    except ValidationError as error:
        raise InvalidRequestError(query_issues(_in_order(error.messages, dict(params)))) from error


def _is_repeatable(schema: QuerySchema, name: str) -> bool:
    return getattr(schema.fields.get(name), "is_repeatable", False)


def _join_repeated(params: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters by name. The values of a repeated parameter are joined with commas."""
    joined: dict[str, str] = {}
    for name, value in params:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _in_order(messages: Any, sent: Any) -> Any:
    """Return marshmallow's messages in the order in which their parameters or members were sent; missing ones are last.

    marshmallow reports unknown names in the order of a set, which differs between processes.
    """
    if not isinstance(messages, dict):
        return messages
    names = list(messages)
    if isinstance(sent, dict):
        positions = {name: position for position, name in enumerate(sent)}
        names.sort(key=lambda name: positions.get(name, len(positions)))
    return {name: _in_order(messages[name], _get_member(sent, name)) for name in names}


def _get_member(sent: Any, name: Any) -> Any:
    if isinstance(sent, dict) and name in sent:
        return sent[name]
    if isinstance(sent, list) and isinstance(name, int):
        return sent[name]
    # The name was not sent: marshmallow adds the name "key" or "value" to an error in a map.
    return sent


def split_pairs(query: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the decoded name and the whole encoded pair of each ``name=value`` in a query string."""
    for pair in query.split(b"&"):
        yield unquote_to_bytes(pair.partition(b"=")[0]).decode(errors="werkzeug.url_quote"), pair


def is_utf8(encoded: bytes) -> bool:
    """Return whether percent-encoded bytes are UTF-8.

    Lenient decoding could make two different values equal.
    """
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        return False
    return True
