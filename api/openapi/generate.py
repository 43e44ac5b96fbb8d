"""openapi.yaml: generated from the code, with examples taken from the loaded booklet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from flask.testing import FlaskClient

from api.domain.language import Language
from api.http.context import ServiceContext, get_context, install_context
from api.openapi.contract import HEADERS, PARAMETERS, PLACES, SECURITY_SCHEMES
from api.openapi.write_examples import add_write_examples, is_guarded, refer_to_problems
from api.services.maintenance.migrations import upgrade
from api.settings import Settings

# Examples are made at one moment, so that the same code and content give the same bytes.
EXAMPLE_TIME = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
DESCRIPTION = """\
A content API in which Welsh and English are equals. / API cynnwys lle mae’r Gymraeg a’r Saesneg yn gydradd.

`lang` decides the language; without it `Accept-Language` does. Every answer says which language was asked for, which
is served and why, who wrote the text, and whether a person has reviewed it. A release takes both languages live at
once; `release=N` reads as it was then. Clients must expect fields that are not named here.

`lang` sy’n pennu’r iaith; hebddo, `Accept-Language` sy’n gwneud hynny. Mae pob ateb yn dweud pa iaith y gofynnwyd
amdani, pa un a roddir a pham, pwy a ysgrifennodd y testun, ac a oes rhywun wedi’i adolygu. Mewn cyhoeddiad, daw’r ddwy
iaith yn gyhoeddus ar yr un pryd; gyda `release=N`, ceir y cynnwys fel yr oedd bryd hynny. Gall ateb gynnwys meysydd
nad ydynt wedi’u henwi yma: dylai rhaglenni fod yn barod amdanynt.
"""
EMBEDDED = "http%3A%2F%2F127.0.0.1%3A8000%2Fv1%2Fmoments%2Fchain-reaction"
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
    "get_oembed": tuple(
        (
            language,
            f"/v1/oembed?url={EMBEDDED}{form}&lang={language}",
        )
        for language in ("cy", "en")
        for form in ("", "&format=xml")
    ),
    "get_service": (("both", "/v1"),),
    "get_translation_status": (("both", "/v1/translation-status"),),
    "get_translation_status_csv": (("both", "/v1/translation-status.csv"),),
    "get_translation_status_badge": (
        ("cy", "/v1/translation-status/badge.svg?lang=cy"),
        ("en", "/v1/translation-status/badge.svg?lang=en"),
    ),
    "list_releases": (("both", "/v1/releases"),),
    "get_release": (("both", "/v1/releases/1"),),
    "search": (
        ("cy", "/v1/search?q=nghartref&lang=cy&limit=1"),
        ("en", "/v1/search?q=homes&lang=en&limit=1"),
    ),
    "list_changes": (("both", "/v1/changes?since=0&limit=1"),),
    "get_health": (("both", "/healthz"),),
    "get_readiness": (("both", "/readyz"),),
}
PROBLEM_EXAMPLES: dict[int, tuple[str, dict[str, str]]] = {
    400: ("/v1/moments?lang={lang}&limit=0", {}),
    404: ("/v1/moments/nid-oes-un?lang={lang}", {}),
    406: ("/v1?lang={lang}", {"Accept": "text/html"}),
    412: ("/v1?lang={lang}", {"If-Match": '"another"'}),
}
# Lists of an example that would fill pages are cut to their beginning.
LONG_LISTS = {"get_release": ("changes",), "get_translation_status": ("machine",)}
SHOWN = 2
Application = Callable[..., Flask]
Loader = Callable[[ServiceContext, datetime], None]


def generate_openapi(create_app: Application, load: Loader) -> dict[str, Any]:
    """The whole document, from an application of its own on an empty database with the first booklet loaded."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/example.sqlite", log_level="error")
        app = create_app(settings, is_described=True)
        with app.app_context():
            context = replace(get_context(), now=lambda: EXAMPLE_TIME)
            install_context(app, context)
            upgrade(context.database.engine)
            load(context, EXAMPLE_TIME)
            document: dict[str, Any] = app.extensions["openapi_source"].spec.to_dict()
            document = _describe(document)
            _add_examples(document, app.test_client())
            add_write_examples(document, app.test_client(), context)
            context.database.close()
    return document


def _describe(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with its head first, and without the answers that the framework claims and we never give."""
    document["components"].pop("responses", None)
    document["components"] |= {
        "headers": HEADERS,
        "parameters": PARAMETERS,
        "securitySchemes": SECURITY_SCHEMES,
    }
    for path in document["paths"].values():
        # Beside its operations a path has a list of parameters.
        for operation in (each for each in path.values() if isinstance(each, dict)):
            operation["responses"].pop("default", None)
            if "$ref" in operation["responses"].get("422", {}):
                del operation["responses"]["422"]  # the framework's own, for what is a 400 here
            shared = [{"$ref": f"#/components/parameters/{name}"} for name in _list_headers(operation["responses"])]
            own = operation.get("parameters", [])
            if is_guarded(operation) and all(parameter.get("name") != "lang" for parameter in own):
                shared.append({"$ref": "#/components/parameters/lang"})
            operation["parameters"] = own + shared
            if "401" in operation["responses"]:
                # Where nobody is refused for a role, a token is for the preview only.
                operation["security"] = [{"token": []}] if is_guarded(operation) else [{}, {"token": []}]
                if not is_guarded(operation):
                    operation["responses"]["200"]["headers"]["ETag"] = {
                        "$ref": "#/components/headers/ETag-Unless-Preview"
                    }
        for place in path.get("parameters", ()):
            place |= {name: value for name, value in PLACES.get(place["name"], {}).items() if name not in place}
    document["info"] |= {
        "description": DESCRIPTION,
        "license": {"name": "MIT (the code; the content stays its owners’)", "identifier": "MIT"},
    }
    servers = [{"url": "/", "description": "This service. / Y gwasanaeth hwn."}]
    head = {"openapi": document["openapi"], "info": document["info"], "servers": servers}
    return head | {name: value for name, value in document.items() if name not in head}


def _list_headers(responses: dict[str, Any]) -> list[str]:
    """The request headers that an operation with these responses reads."""
    found = ["Accept-Language"]
    found += ["If-None-Match"] if "304" in responses else []
    found += ["Idempotency-Key"] if "422" in responses else []
    if "403" in responses and "412" in responses:
        found.append("If-Match" if "428" in responses else "If-Match-Next")
    return found


def _add_examples(document: dict[str, Any], client: FlaskClient) -> None:
    problems = document["components"]["examples"] = _make_problems(client)
    for path in document["paths"].values():
        for operation in path.values():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            _add_answers(operation, client)
            refer_to_problems(operation, problems)


def _add_answers(operation: dict[str, Any], client: FlaskClient) -> None:
    name, content = operation["operationId"], operation["responses"].get("200", {}).get("content", {})
    for language, call in EXAMPLES.get(name, ()):
        response = client.get(call)
        value, summary = response.text, call
        if response.is_json:
            value, cut = _shorten(json.loads(response.data), LONG_LISTS.get(name, ()))
            summary += f" ({', '.join(cut)}: the first {SHOWN})" if cut else ""
        media = content[response.mimetype]
        media.setdefault("examples", {})[language] = {"summary": summary, "value": value}


def _shorten(value: dict[str, Any], names: Iterable[str]) -> tuple[Any, list[str]]:
    """``value`` with these lists cut to their beginning, and the names of those that were."""
    cut = [name for name in names if len(value[name]) > SHOWN]
    return value | {name: value[name][:SHOWN] for name in cut}, cut


def _make_problems(client: FlaskClient) -> dict[str, dict[str, Any]]:
    """The shared examples of problems: ``400-cy`` and its like."""
    examples = {}
    for status, (call, headers) in PROBLEM_EXAMPLES.items():
        for lang in Language:
            sent = {"X-Request-Id": "example-request", **headers}
            problem = json.loads(client.get(call.format(lang=lang.value), headers=sent).data)
            examples[f"{status}-{lang.value}"] = {"summary": problem["title"], "value": problem}
    return examples


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


def write_openapi(file: Path, document: dict[str, Any]) -> None:
    file.write_text(to_yaml(document), encoding="utf-8")
