"""openapi.yaml: generated from the code, with examples taken from the loaded booklet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from flask.testing import FlaskClient

from api.routes.service import Service, get_service
from api.services.migrations import upgrade
from api.settings import Settings

# Examples are made at one moment, so that the same code and content give the same bytes.
EXAMPLE_TIME = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
DESCRIPTION = """\
A content API in which Welsh and English are equals. / API cynnwys lle mae’r Gymraeg a’r Saesneg yn gydradd.

`lang` decides the language; without it `Accept-Language` does. Every answer says which language was asked for, which
is served and why, who wrote the text, and whether a person has reviewed it. A release takes both languages live at
once; `release=N` reads as it was then. Clients must expect fields that are not named here.

`lang` sy’n pennu’r iaith; hebddo, `Accept-Language` sy’n gwneud hynny. Mae pob ateb yn dweud pa iaith y gofynnwyd
amdani, pa un a roddir a pham, pwy ysgrifennodd y testun, ac a oes rhywun wedi’i adolygu. Mae cyhoeddiad yn mynd â’r
ddwy iaith yn fyw ar yr un pryd; mae `release=N` yn darllen fel yr oedd bryd hynny. Dylai cleientiaid ddisgwyl meysydd
nad ydynt wedi’u henwi yma.
"""
# What each operation is shown with: a call, and in which languages.
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "list_collection": (("cy", "/v1/collections?lang=cy"), ("en", "/v1/collections?lang=en")),
    "get_collection": (
        ("cy", "/v1/collections/consultant-social-workers?lang=cy"),
        ("en", "/v1/collections/consultant-social-workers?lang=en"),
    ),
    "list_section": (
        ("cy", "/v1/sections?lang=cy&limit=1&fields=title,author,links"),
        ("en", "/v1/sections?lang=en&limit=1&fields=title,author,links"),
    ),
    "get_section": (
        ("cy", "/v1/sections/consultant-social-workers-ground-rules?lang=cy"),
        ("en", "/v1/sections/consultant-social-workers-ground-rules?lang=en"),
    ),
    "list_category": (("cy", "/v1/categories?lang=cy&limit=1"), ("en", "/v1/categories?lang=en&limit=1")),
    "get_category": (("cy", "/v1/categories/research?lang=cy"), ("en", "/v1/categories/research?lang=en")),
    "list_moment": (
        ("cy", "/v1/moments?lang=cy&limit=2&fields=number,title,links"),
        ("en", "/v1/moments?lang=en&limit=2&fields=number,title,links"),
    ),
    "get_moment": (("cy", "/v1/moments/chain-reaction?lang=cy"), ("en", "/v1/moments/chain-reaction?lang=en")),
    "get_random_moment": (
        ("cy", "/v1/moments/random?lang=cy&seed=2026-11-23"),
        ("en", "/v1/moments/random?lang=en&seed=2026-11-23"),
    ),
    "list_ground_rule": (("cy", "/v1/ground-rules?lang=cy&limit=1"), ("en", "/v1/ground-rules?lang=en&limit=1")),
    "get_ground_rule": (
        ("cy", "/v1/ground-rules/everyone-is-asked?lang=cy"),
        ("en", "/v1/ground-rules/everyone-is-asked?lang=en"),
    ),
    "list_prompt": (
        ("cy", "/v1/prompts?lang=cy&stage=response&fields=text"),
        ("en", "/v1/prompts?lang=en&stage=response&fields=text"),
    ),
    "get_prompt": (("cy", "/v1/prompts/some-worry-me?lang=cy"), ("en", "/v1/prompts/some-worry-me?lang=en")),
    "list_guide": (
        ("cy", "/v1/guide?lang=cy&part=key-word&limit=1"),
        ("en", "/v1/guide?lang=en&part=key-word&limit=1"),
    ),
    "get_guide": (("cy", "/v1/guide/discuss-in-groups?lang=cy"), ("en", "/v1/guide/discuss-in-groups?lang=en")),
    "list_bilingual_collection": (("both", "/v1/bilingual/collections"),),
    "get_bilingual_collection": (("both", "/v1/bilingual/collections/consultant-social-workers"),),
    "list_bilingual_section": (("both", "/v1/bilingual/sections?limit=1&fields=title"),),
    "get_bilingual_section": (("both", "/v1/bilingual/sections/consultant-social-workers-what"),),
    "list_bilingual_category": (("both", "/v1/bilingual/categories?limit=1"),),
    "get_bilingual_category": (("both", "/v1/bilingual/categories/research"),),
    "list_bilingual_moment": (("both", "/v1/bilingual/moments?limit=2&fields=number,title"),),
    "get_bilingual_moment": (("both", "/v1/bilingual/moments/all-he-wanted-was-a-cwtch"),),
    "list_bilingual_ground_rule": (("both", "/v1/bilingual/ground-rules?fields=text"),),
    "get_bilingual_ground_rule": (("both", "/v1/bilingual/ground-rules/share-information"),),
    "list_bilingual_prompt": (("both", "/v1/bilingual/prompts?stage=after&fields=text"),),
    "get_bilingual_prompt": (("both", "/v1/bilingual/prompts/did-it-help"),),
    "list_bilingual_guide": (("both", "/v1/bilingual/guide?part=key-word&fields=text"),),
    "get_bilingual_guide": (("both", "/v1/bilingual/guide/after-the-session"),),
    "get_service": (("both", "/v1"),),
    "list_releases": (("both", "/v1/releases"),),
    "list_changes": (("both", "/v1/changes?since=0&limit=1"),),
    "get_health": (("both", "/healthz"),),
    "get_readiness": (("both", "/readyz"),),
}
PROBLEM_EXAMPLES = {
    400: "/v1/moments?lang={lang}&limit=0",
    404: "/v1/moments/nid-oes-un?lang={lang}",
    406: "/v1?lang={lang}",
}
# Addresses that hold what the operating system or the build chose have no example; neither have these long ones.
Application = Callable[..., Flask]
Loader = Callable[[Service, datetime], None]


def make_document(create_app: Application, load: Loader) -> dict[str, Any]:
    """The whole document, from an application of its own on an empty database with the first booklet loaded."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/example.sqlite", log_level="error")
        app = create_app(settings, is_described=True)
        with app.app_context():
            service = get_service()
            upgrade(service.database.engine)
            load(service, EXAMPLE_TIME)
            document: dict[str, Any] = app.extensions["openapi_source"].spec.to_dict()
            document = _describe(document)
            _add_examples(document, app.test_client())
            service.database.close()
    return document


def _describe(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with its head first, and without the answers that the framework claims and we never give."""
    document["components"].pop("responses", None)
    for path in document["paths"].values():
        # Beside its operations a path has a list of parameters.
        for operation in (each for each in path.values() if isinstance(each, dict)):
            for foreign in ("422", "default"):
                operation["responses"].pop(foreign, None)
    document["info"] |= {
        "description": DESCRIPTION,
        "license": {"name": "MIT (the code; the content stays its owners’)", "identifier": "MIT"},
    }
    servers = [{"url": "/", "description": "This service. / Y gwasanaeth hwn."}]
    head = {"openapi": document["openapi"], "info": document["info"], "servers": servers}
    return head | {name: value for name, value in document.items() if name not in head}


def _add_examples(document: dict[str, Any], client: FlaskClient) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            _add_answers(operation, client)
            _add_problems(operation, client)


def _add_answers(operation: dict[str, Any], client: FlaskClient) -> None:
    examples = {
        name: {"summary": call, "value": json.loads(client.get(call).data)}
        for name, call in EXAMPLES.get(operation["operationId"], ())
    }
    if examples:
        operation["responses"]["200"]["content"]["application/json"]["examples"] = examples


def _add_problems(operation: dict[str, Any], client: FlaskClient) -> None:
    for status, call in PROBLEM_EXAMPLES.items():
        media = operation["responses"].get(str(status), {}).get("content", {}).get("application/problem+json")
        if media is None:
            continue
        headers = {"Accept": "text/html"} if status == 406 else {}
        headers["X-Request-Id"] = "example-request"
        media["examples"] = {
            lang: {"value": json.loads(client.get(call.format(lang=lang), headers=headers).data)}
            for lang in ("cy", "en")
        }


class _Dumper(yaml.SafeDumper):
    """YAML with its letters as they are, and long texts as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def to_yaml(document: dict[str, Any]) -> str:
    """The document as YAML, its keys in the order in which they were made."""
    plain = json.loads(json.dumps(document))  # enumerations are words here
    return yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def write_document(file: Path, document: dict[str, Any]) -> None:
    file.write_text(to_yaml(document), encoding="utf-8")
