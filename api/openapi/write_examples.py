"""Examples of operations that need a token: the requests of one working day, sent to the example database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.domain.language import Language
from api.domain.roles import Role
from api.http.context import ServiceContext
from api.openapi.read_examples import PROBLEM_EXAMPLES, REQUEST_ID, add_problem_example, list_operations
from api.services.access.audit_log import make_audit_context
from api.services.access.tokens import MARK, create_token

NAMES = {
    Role.EDITOR: "Eirlys",
    Role.TRANSLATOR: "Twm",
    Role.REVIEWER: "Rhian",
    Role.PUBLISHER: "Pedr",
    Role.ADMIN: "Ann",
}
_SECRET = re.compile(rf"({MARK}_[0-9a-f]{{10}})(_[A-Za-z0-9_-]{{43}})?")
_BODY, _TITLE = "/v1/units/moment.chain-reaction.body", "/v1/units/moment.chain-reaction.title"
_NEW_ENGLISH = (
    "I was working with a very emotionally guarded child, who resisted my attempts to ‘help him’ – the breakthrough in "
    "our relationship came when an opportunity arose for him to help me – he helped me put the chain back on my bike. "
    "We were equal partners after that."
)
_NEW_WELSH = (
    "Roeddwn i’n gweithio gyda phlentyn a oedd yn gyndyn iawn o ddangos ei deimladau ac yn gwrthsefyll fy ymdrechion "
    "i’w ‘helpu’ – daeth y trobwynt yn ein perthynas pan gododd cyfle iddo yntau fy helpu i – helpodd fi i roi’r "
    "gadwyn yn ôl ar fy meic. Roedden ni’n bartneriaid cyfartal ar ôl hynny."
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request to send. If the request is an example of an ``operation``, ``name`` is the name of the example."""

    role: Role | None
    method: str
    url: str
    body: Any = None
    operation: str | None = None
    name: str = "both"
    headers: Mapping[str, str] = field(default_factory=dict)


_KEY = {"Idempotency-Key": "release-2026-01-01"}
_DAY = (
    Call(Role.EDITOR, "PUT", f"{_BODY}/source", {"text": _NEW_ENGLISH}, "write_source"),
    Call(Role.TRANSLATOR, "GET", "/v1/units?outdated=true&target=cy&counts=true", operation="list_units"),
    Call(Role.TRANSLATOR, "GET", _BODY, operation="get_unit"),
    Call(Role.PUBLISHER, "GET", "/v1/releases/next", operation="get_next_release"),
    Call(Role.PUBLISHER, "POST", "/v1/releases", {"note": "The chain"}, "create_release", "blocked"),
    Call(Role.TRANSLATOR, "PUT", f"{_BODY}/target", {"text": _NEW_WELSH, "comment": "Y gadwyn."}, "write_target"),
    Call(Role.REVIEWER, "POST", f"{_BODY}/review", {"decision": "approve"}, "review_target"),
    Call(Role.PUBLISHER, "POST", "/v1/releases", {"note": "The chain"}, "create_release", "released", _KEY),
    Call(Role.PUBLISHER, "POST", "/v1/releases/1/revert", {"note": "As it was printed"}, "revert_release"),
    Call(Role.EDITOR, "PUT", f"{_TITLE}/source", {"text": "A chain reaction"}),
    Call(Role.TRANSLATOR, "POST", f"{_TITLE}/confirm", {"comment": "Yr un yw’r Gymraeg."}, "confirm_target"),
    Call(Role.EDITOR, "POST", f"{_TITLE}/revert", {"side": "source", "revision": 1}, "revert_text"),
    Call(
        Role.EDITOR,
        "POST",
        f"{_TITLE}/minor",
        {"revision": 2, "minor": True, "comment": "The article changes nothing."},
        "mark_source_revision",
    ),
    Call(Role.TRANSLATOR, "GET", f"{_TITLE}/history", operation="get_unit_history"),
    Call(Role.EDITOR, "GET", "/v1/resources?kind=moment&limit=1", operation="list_resources"),
    Call(Role.EDITOR, "GET", "/v1/resources/moment.chain-reaction", operation="get_resource"),
    Call(
        Role.EDITOR,
        "POST",
        "/v1/resources",
        {
            "kind": "moment",
            "source_language": "cy",
            "collection": "consultant-social-workers",
            "category": "research",
            "number": 61,
            "texts": {
                "title": {"cy": "Dechrau newydd", "en": "A new beginning"},
                "body": {"cy": "Daeth y cyfle pan oedd ei angen.", "en": "The chance came when it was needed."},
            },
        },
        "create_resource",
    ),
    Call(
        Role.EDITOR,
        "PATCH",
        "/v1/resources/moment.dechrau-newydd",
        {"after": "moment.chain-reaction"},
        "change_resource",
    ),
    Call(Role.ADMIN, "GET", "/v1/tokens", operation="list_tokens"),
    Call(
        Role.ADMIN,
        "POST",
        "/v1/tokens",
        {"name": "Mair", "roles": ["translator"], "language": "cy", "expires": "90d"},
        "create_token",
    ),
    Call(Role.ADMIN, "GET", "/v1/audit?subject=moment.chain-reaction.body&limit=2", operation="list_audit_entries"),
)
# The requests that cause the problems shared by all operations with a token, by status.
_PROBLEMS = {
    400: Call(Role.TRANSLATOR, "PUT", f"{_BODY}/target", {"text": 1, "txet": "…"}),
    401: Call(None, "GET", _BODY),
    403: Call(Role.TRANSLATOR, "POST", "/v1/releases", {"note": "The chain"}),
    404: Call(Role.TRANSLATOR, "GET", "/v1/units/moment.nid-oes-un.title"),
    409: Call(Role.REVIEWER, "POST", f"{_BODY}/review", {"decision": "approve"}),
    412: Call(Role.EDITOR, "PATCH", "/v1/resources/moment.chain-reaction", {}, headers={"If-Match": '"another"'}),
    415: Call(Role.PUBLISHER, "POST", "/v1/releases"),
    422: Call(Role.PUBLISHER, "POST", "/v1/releases", {"note": "Another"}, headers=_KEY),
    428: Call(Role.TRANSLATOR, "PUT", f"{_BODY}/target", {"text": _NEW_WELSH}, headers={"If-Match": ""}),
}


def add_write_examples(document: dict[str, Any], client: FlaskClient, context: ServiceContext) -> None:
    """Send the example requests, and add them with their responses to ``document``."""
    runner = ExampleRunner(client, context)
    operations = {operation["operationId"]: operation for operation in list_operations(document)}
    for call in _DAY:
        response = runner.send(call)
        if call.operation is not None:
            _add_example(document, operations[call.operation], call, response, runner.read_json(response))
    for status, call in _PROBLEMS.items():
        # If reads return this status too, their examples already have the plain names ``cy`` and ``en``.
        prefix = "write-" if status in PROBLEM_EXAMPLES else ""
        for language in Language:
            problem = runner.read_json(runner.send(call, language))
            add_problem_example(document, status, f"{prefix}{language.value}", problem)


def _add_example(
    document: dict[str, Any], operation: dict[str, Any], call: Call, response: TestResponse, value: Any
) -> None:
    example = {"summary": call.url if call.method == "GET" else f"{call.method} {call.url}"}
    if call.body is not None:
        request = operation["requestBody"]["content"]["application/json"]
        request.setdefault("examples", {})[call.name] = {**example, "value": call.body}
    documented = operation["responses"][str(response.status_code)]
    if "content" in documented:
        media = documented["content"][response.mimetype]
        media.setdefault("examples", {})[call.name] = {**example, "value": value}
    else:
        add_problem_example(document, response.status_code, call.name, value)


class ExampleRunner:
    """A client with a token for each role. It replaces the tokens in responses with constants."""

    def __init__(self, client: FlaskClient, context: ServiceContext) -> None:
        self._client = client
        self._prefixes: dict[str, str] = {}
        with context.database.writing() as session:
            audit = make_audit_context(session, "operator", "cli", at=context.now())
            self._secrets = {role: create_token(session, audit, name, [role]).secret for role, name in NAMES.items()}
        for secret in self._secrets.values():
            _SECRET.sub(self._hide, secret)

    def send(self, call: Call, language: Language = Language.CY) -> TestResponse:
        """Send a call with a token for its role, and with the current ETag if the call changes a unit or resource."""
        headers = {**REQUEST_ID, "Accept-Language": language.value}
        if call.role is not None:
            headers["Authorization"] = f"Bearer {self._secrets[call.role]}"
        changed = re.match(r"/v1/(?:units|resources)/[^/]+", call.url)
        if changed and call.method != "GET" and "If-Match" not in call.headers:
            headers["If-Match"] = self._client.get(changed[0], headers=headers).headers["ETag"]
        headers |= {name: value for name, value in call.headers.items() if value}
        return self._client.open(call.url, method=call.method, headers=headers, json=call.body)

    def read_json(self, response: TestResponse) -> Any:
        """Return the JSON of the response, with constants in place of the tokens, which differ in every run."""
        return json.loads(_SECRET.sub(self._hide, response.text))

    def _hide(self, secret: re.Match[str]) -> str:
        prefix = self._prefixes.setdefault(secret[1], f"{MARK}_{len(self._prefixes) + 1:010d}")
        return prefix + ("_…" if secret[2] else "")
