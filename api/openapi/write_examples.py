"""What openapi.yaml shows of the work on the content: one day, on the example's own database, call by call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.domain.language import Language
from api.domain.roles import Role
from api.http.context import ServiceContext
from api.services.access.actors import make_audit_context
from api.services.access.tokens import MARK, create_token

PEOPLE = {
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
    """One call of the day; ``operation`` None is not shown, and ``name`` says which of several examples it is."""

    role: Role | None
    method: str
    address: str
    body: Any = None
    operation: str | None = None
    name: str = "both"
    headers: Mapping[str, str] = field(default_factory=dict)


_KEY = {"Idempotency-Key": "release-2026-01-01"}
_DAY = (
    Call(Role.EDITOR, "PUT", f"{_BODY}/source", {"text": _NEW_ENGLISH}, "put_source"),
    Call(Role.TRANSLATOR, "GET", "/v1/units?outdated=true&target=cy&counts=true", operation="list_units"),
    Call(Role.TRANSLATOR, "GET", _BODY, operation="get_unit"),
    Call(Role.PUBLISHER, "GET", "/v1/releases/next", operation="get_next_release"),
    Call(Role.PUBLISHER, "POST", "/v1/releases", {"note": "The chain"}, "create_release", "blocked"),
    Call(Role.TRANSLATOR, "PUT", f"{_BODY}/target", {"text": _NEW_WELSH, "comment": "Y gadwyn."}, "put_target"),
    Call(Role.REVIEWER, "POST", f"{_BODY}/review", {"decision": "approve"}, "post_review"),
    Call(Role.PUBLISHER, "POST", "/v1/releases", {"note": "The chain"}, "create_release", "released", _KEY),
    Call(Role.PUBLISHER, "POST", "/v1/releases/1/revert", {"note": "As it was printed"}, "revert_release"),
    Call(Role.EDITOR, "PUT", f"{_TITLE}/source", {"text": "A chain reaction"}),
    Call(Role.TRANSLATOR, "POST", f"{_TITLE}/confirm", {"comment": "Yr un yw’r Gymraeg."}, "post_confirm"),
    Call(Role.EDITOR, "POST", f"{_TITLE}/revert", {"side": "source", "revision": 1}, "post_revert"),
    Call(
        Role.EDITOR,
        "POST",
        f"{_TITLE}/minor",
        {"revision": 2, "minor": True, "comment": "The article changes nothing."},
        "post_minor",
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
    Call(Role.ADMIN, "GET", "/v1/audit?subject=moment.chain-reaction.body&limit=2", operation="list_audit"),
)
# What every door of the working copy can answer, shown once for all of them.
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


def is_guarded(operation: Mapping[str, Any]) -> bool:
    """Does this operation need a token?"""
    return "403" in operation["responses"]


def refer_to_problems(operation: dict[str, Any], names: Iterable[str]) -> None:
    """Show an operation's problems by the shared examples called ``409-cy``, or ``work-409-cy``, and their like."""
    for name in names:
        status, lang = name.split("-")[-2:]
        media = operation["responses"].get(status, {}).get("content", {}).get("application/problem+json")
        if media is not None:
            media.setdefault("examples", {})[lang] = {"$ref": f"#/components/examples/{name}"}


def add_write_examples(document: dict[str, Any], client: FlaskClient, context: ServiceContext) -> None:
    """Work a day, and put what each call was answered into ``document``."""
    day = ExampleRunner(client, context)
    operations = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for call in _DAY:
        answered = day.ask(call)
        if call.operation is not None:
            _show(operations[call.operation], call, answered, day.read(answered))
    problems = {}
    for status, call in _PROBLEMS.items():
        for language in Language:
            said = day.read(day.ask(call, language))
            problems[f"work-{status}-{language.value}"] = {"summary": said["title"], "value": said}
    document["components"]["examples"] |= problems
    for operation in operations.values():
        # A preview takes a token, too.
        refer_to_problems(operation, problems if is_guarded(operation) else ("work-401-cy", "work-401-en"))


def _show(operation: dict[str, Any], call: Call, answered: TestResponse, value: Any) -> None:
    said = {"summary": call.address if call.method == "GET" else f"{call.method} {call.address}"}
    if call.body is not None:
        asked = operation["requestBody"]["content"]["application/json"]
        asked.setdefault("examples", {})[call.name] = {**said, "value": call.body}
    media = operation["responses"][str(answered.status_code)]["content"][answered.mimetype]
    media.setdefault("examples", {})[call.name] = {**said, "value": value}


class ExampleRunner:
    """Five people with a token each, and the calls that they make."""

    def __init__(self, client: FlaskClient, context: ServiceContext) -> None:
        self._client = client
        self._hidden: dict[str, str] = {}
        with context.database.writing() as session:
            audit = make_audit_context(session, "operator", "cli", at=context.now())
            self._secrets = {role: create_token(session, audit, name, [role]).secret for role, name in PEOPLE.items()}
        for secret in self._secrets.values():
            _SECRET.sub(self._hide, secret)

    def ask(self, call: Call, language: Language = Language.CY) -> TestResponse:
        headers = {"X-Request-Id": "example-request", "Accept-Language": language.value}
        if call.role is not None:
            headers["Authorization"] = f"Bearer {self._secrets[call.role]}"
        holder = re.match(r"/v1/(?:units|resources)/[^/]+", call.address)
        if holder and call.method != "GET" and "If-Match" not in call.headers:
            headers["If-Match"] = self._client.get(holder[0], headers=headers).headers["ETag"]
        headers |= {name: value for name, value in call.headers.items() if value}
        return self._client.open(call.address, method=call.method, headers=headers, json=call.body)

    def read(self, answered: TestResponse) -> Any:
        """The answer's JSON, with names in the place of tokens: those are never twice the same."""
        return json.loads(_SECRET.sub(self._hide, answered.text))

    def _hide(self, found: re.Match[str]) -> str:
        prefix = self._hidden.setdefault(found[1], f"{MARK}_{len(self._hidden) + 1:010d}")
        return prefix + ("_…" if found[2] else "")
