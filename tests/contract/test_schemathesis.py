"""Schemathesis with every check on: what the description says may be asked is answered, and as it says.

`make fuzz` asks far more.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from api.domain.roles import Role
from tests.conftest import MakeApp
from tests.tools.addresses import make_bare_app
from tests.tools.clients import make_secrets
from tests.tools.openapi import list_operations, list_parameters, read_document

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
# Whether these fit is not a matter of form: only the content, or the page before, can say it.
KNOWN_BY_CONTENT = {"after", "category", "collection", "since"}
ANSWERS = ["200", "304", "308", "404"]


# What somebody with every right can be told: whether ids, states and versions fit is for the content to say.
WITH_A_TOKEN = ["200", "201", "204", "304", "308", "400", "403", "404", "409", "412", "413", "415", "422", "428"]


def _make_config() -> SchemathesisConfig:
    operations = []
    for path, method, operation in list_operations():
        names = {parameter["name"] for parameter in list_parameters(path, method)}
        problems = ["400"] if names & (KNOWN_BY_CONTENT | {"url"}) else []
        problems += ["501"] if "501" in operation["responses"] else []
        # No token that could be made up is one of ours: behind a guard, and to `release=next`, the answer is 401.
        problems += ["401"] if "401" in operation["responses"] else []
        if problems:
            # Only a problem that the description names there may be expected.
            assert set(problems) <= set(operation["responses"])
            checks = {"positive_data_acceptance": {"expected-statuses": [*ANSWERS, *problems]}}
            if "501" in operation["responses"]:
                # A format that the specification of oEmbed wants refused with this status, and no fault of ours.
                checks["not_a_server_error"] = {"expected-statuses": ["2xx", "3xx", "4xx", "501"]}
            operations.append({"include-operation-id": operation["operationId"], "checks": checks})
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "continue-on-failure": True,
            "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
            "checks": {"enabled": True, "positive_data_acceptance": {"expected-statuses": ANSWERS}},
            "operations": operations,
        }
    )


def _run(schema: Any) -> tuple[Counter[str], list[str]]:
    """How often each operation was asked, and all that was found."""
    asked: Counter[str] = Counter()
    found: list[str] = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(repr(event))
        if isinstance(event, events.ScenarioFinished):
            for case in event.recorder.cases.values():
                asked[case.value.operation.label] += 1
            found += _describe(node for nodes in event.recorder.checks.values() for node in nodes)
    return asked, found


def _describe(checks: Iterable[Any]) -> list[str]:
    failed = [check for check in checks if check.failure_info is not None]
    return [f"{check.name}: {check.failure_info.failure.message}\n{check.failure_info.code_sample}" for check in failed]


def test_schemathesis_with_every_check_on_finds_nothing(shared_app: Flask) -> None:
    asked, found = _run(schemathesis.openapi.from_wsgi("/openapi.json", shared_app, config=_make_config()))
    assert not found, "\n\n".join(found[:5])
    # It read the description itself before it began, and passes that address over.
    assert asked.keys() == {f"{method.upper()} {path}" for path, method, _ in list_operations()} - {"GET /openapi.json"}
    assert min(asked.values()) >= EXAMPLES


def test_schemathesis_with_every_right_finds_nothing(loaded_url: str, make_app: MakeApp) -> None:
    app = make_app(loaded_url)
    secret = make_secrets(app.extensions["eiliadau_hud"].database, {"everybody": tuple(Role)})["everybody"]
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {secret}", "Accept-Language": "cy"},
            "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
            "checks": {
                "enabled": True,
                "ignored_auth": {"enabled": False},  # no token at all is what the other test asks with
                "missing_required_header": {"expected-statuses": ["400", "428"]},
                "positive_data_acceptance": {"expected-statuses": WITH_A_TOKEN},
            },
        }
    )
    guarded = {operation["operationId"] for _, _, operation in list_operations() if "401" in operation["responses"]}
    guarded -= {"revoke_token"}  # it finds the token that it asks with, and is locked out
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    asked, found = _run(schema.include(operation_id=sorted(guarded)))
    assert not found, "\n\n".join(found[:5])
    assert len(asked) == len(guarded)


def test_schemathesis_finds_an_answer_that_is_not_as_described() -> None:
    app = make_bare_app()

    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        return [b"".join(app(environ, start_response)).replace(b'"status":"ok"', b'"status":12345')]

    document = read_document()
    alone = {**document, "paths": {"/healthz": document["paths"]["/healthz"]}}
    schema = schemathesis.openapi.from_dict(alone, config=_make_config())
    schema.app = broken
    _, found = _run(schema)
    assert any("response_schema_conformance" in each for each in found)
