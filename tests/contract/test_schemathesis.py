"""Schemathesis with every check: documented requests succeed, and every response is as documented.

`make fuzz` sends far more requests.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.specs.openapi.checks import response_schema_conformance

from api.domain.roles import Role
from tests.conftest import MakeApp
from tests.tools.clients import create_tokens
from tests.tools.endpoints import make_empty_app
from tests.tools.openapi import list_operations, list_parameters, make_validator, read_document, read_fields

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))
# Well-formed values of these parameters may be refused, depending on the content or on the previous page.
CONTENT_PARAMETERS = {"after", "category", "collection", "since"}
READ_STATUSES = ["200", "304", "308", "404"]
# Statuses for a person with every role. They include errors, because generated ids and versions may be invalid.
WRITE_STATUSES = ["200", "201", "204", "304", "308", "400", "403", "404", "409", "412", "413", "415", "422", "428"]


# The responses are checked uncompressed, and their shape by our own check.
HEADERS = {"Accept-Encoding": "identity"}
SHAPE = {"response_schema_conformance": {"enabled": False}}


@schemathesis.check
def response_shape_conformance(ctx: Any, response: Any, case: Any) -> bool | None:
    """Compare a response with its schema. If the request names ``fields``, only these members are required."""
    fields = read_fields(parse_qs(urlsplit(response.request.url).query).get("fields", ()))
    if not fields or response.status_code != 200:
        return bool(response_schema_conformance(ctx, response, case))
    success = read_document()["paths"][case.path][case.method.lower()]["responses"]["200"]
    validator = make_validator(success["content"]["application/json"]["schema"], fields)
    assert [error.message for error in validator.iter_errors(response.json())] == []
    return None


def _make_config() -> SchemathesisConfig:
    operations = []
    for path, method, operation in list_operations():
        names = {parameter["name"] for parameter in list_parameters(path, method)}
        problems = ["400"] if names & (CONTENT_PARAMETERS | {"url"}) else []
        problems += ["501"] if "501" in operation["responses"] else []
        # Generated tokens are never valid, so `release=next` and operations that require a token return 401.
        problems += ["401"] if "401" in operation["responses"] else []
        if problems:
            # Every expected problem must be documented.
            assert set(problems) <= set(operation["responses"])
            checks = {"positive_data_acceptance": {"expected-statuses": [*READ_STATUSES, *problems]}}
            if "501" in operation["responses"]:
                # The oEmbed specification requires a 501 for an unknown format, so a 501 is not a server error here.
                checks["not_a_server_error"] = {"expected-statuses": ["2xx", "3xx", "4xx", "501"]}
            operations.append({"include-operation-id": operation["operationId"], "checks": checks})
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "continue-on-failure": True,
            "headers": HEADERS,
            "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
            "checks": {"enabled": True, **SHAPE, "positive_data_acceptance": {"expected-statuses": READ_STATUSES}},
            "operations": operations,
        }
    )


def _run(schema: Any) -> tuple[Counter[str], list[str]]:
    """Run Schemathesis; return the number of requests to each operation, and the failures."""
    requests: Counter[str] = Counter()
    failures: list[str] = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            failures.append(repr(event))
        if isinstance(event, events.ScenarioFinished):
            for case in event.recorder.cases.values():
                requests[case.value.operation.label] += 1
            failures += _describe(node for nodes in event.recorder.checks.values() for node in nodes)
    return requests, failures


def _describe(checks: Iterable[Any]) -> list[str]:
    failed = [check for check in checks if check.failure_info is not None]
    return [f"{check.name}: {check.failure_info.failure.message}\n{check.failure_info.code_sample}" for check in failed]


def test_schemathesis_without_a_token_finds_no_failure(shared_app: Flask) -> None:
    requests, failures = _run(schemathesis.openapi.from_wsgi("/openapi.json", shared_app, config=_make_config()))
    assert not failures, "\n\n".join(failures[:5])
    # Schemathesis does not test the path from which it read the document.
    assert requests.keys() == {f"{method.upper()} {path}" for path, method, _ in list_operations()} - {
        "GET /openapi.json"
    }
    assert min(requests.values()) >= EXAMPLES


def test_schemathesis_finds_no_failure_with_a_token_for_all_roles(loaded_url: str, make_app: MakeApp) -> None:
    app = make_app(loaded_url)
    secret = create_tokens(app.extensions["eiliadau_hud"].database, {"everybody": tuple(Role)})["everybody"]
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "continue-on-failure": True,
            "headers": {**HEADERS, "Authorization": f"Bearer {secret}", "Accept-Language": "cy"},
            "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
            "checks": {
                "enabled": True,
                **SHAPE,
                "ignored_auth": {"enabled": False},  # the test above sends requests without a token
                "missing_required_header": {"expected-statuses": ["400", "428"]},
                "positive_data_acceptance": {"expected-statuses": WRITE_STATUSES},
            },
        }
    )
    guarded = {operation["operationId"] for _, _, operation in list_operations() if "401" in operation["responses"]}
    guarded -= {"revoke_token"}  # the test would revoke its own token
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    requests, failures = _run(schema.include(operation_id=sorted(guarded)))
    assert not failures, "\n\n".join(failures[:5])
    assert len(requests) == len(guarded)


def test_schemathesis_finds_an_undocumented_response() -> None:
    app = make_empty_app()

    def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        return [b"".join(app(environ, start_response)).replace(b'"status":"ok"', b'"status":12345')]

    document = read_document()
    alone = {**document, "paths": {"/healthz": document["paths"]["/healthz"]}}
    schema = schemathesis.openapi.from_dict(alone, config=_make_config())
    schema.app = broken
    _, failures = _run(schema)
    assert any("response_shape_conformance" in failure for failure in failures)
