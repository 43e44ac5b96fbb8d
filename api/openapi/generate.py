"""The generation of openapi.yaml from the code, with examples from the first booklet."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from flask import Flask
from flask_smorest import Api

from api.domain.kind import KINDS
from api.http.context import ServiceContext, get_context, install_context
from api.openapi.components import HEADERS, PARAMETERS, PATH_PARAMETERS, SECURITY_SCHEMES
from api.openapi.contract import SHARED_PARAMETERS
from api.openapi.enumerations import share_enumerations
from api.openapi.read_examples import add_read_examples
from api.openapi.shared_examples import share_examples
from api.openapi.shared_parameters import share_parameters
from api.openapi.shared_responses import list_responses, refer_to_response
from api.openapi.write_examples import add_write_examples
from api.schemas.feed import FEED_CONTENT, feed_content_name, feed_content_schema, feed_content_union
from api.schemas.problem import ProblemSchema
from api.services.maintenance.migrations import upgrade
from api.settings import Settings

# The time in every example. It is fixed, so that the same code and content always give the same file.
EXAMPLE_TIME = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
DESCRIPTION = """\
A content API in which Welsh and English are equals. / API cynnwys lle mae’r Gymraeg a’r Saesneg yn gydradd.

`lang` sets the language; without it, `Accept-Language` does. Every response reports the language requested, the
language served, the reason if they differ, the kind of author, and whether a person has reviewed the text. A release
publishes both languages at once; `release=N` reads the content of that release. Clients must expect other fields.

`lang` sy’n pennu’r iaith; hebddo, `Accept-Language` sy’n gwneud hynny. Mae pob ateb yn dweud pa iaith y gofynnwyd
amdani, pa un a roddir a pham, pwy a ysgrifennodd y testun, ac a oes rhywun wedi’i adolygu. Mewn cyhoeddiad, daw’r ddwy
iaith yn gyhoeddus ar yr un pryd; gyda `release=N`, ceir y cynnwys fel yr oedd bryd hynny. Gall ateb gynnwys meysydd
nad ydynt wedi’u henwi yma: dylai rhaglenni fod yn barod amdanynt.
"""
AppFactory = Callable[..., Flask]
Loader = Callable[[ServiceContext, datetime], None]


def generate_openapi(create_app: AppFactory, load: Loader) -> dict[str, Any]:
    """Return the whole API document.

    The examples come from an application on an empty database, which ``load`` fills with content.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/example.sqlite", log_level="error")
        app = create_app(settings, is_described=True)
        with app.app_context():
            context = replace(get_context(), now=lambda: EXAMPLE_TIME)
            install_context(app, context)
            upgrade(context.database.engine)
            load(context, EXAMPLE_TIME)
            document = _complete(app.extensions["openapi_source"])
            add_read_examples(document, app.test_client())
            add_write_examples(document, app.test_client(), context)
            share_examples(document)
            context.database.close()
    return document


def _complete(source: Api) -> dict[str, Any]:
    """Return the document with the head first and shared components added, without flask-smorest's defaults."""
    spec = source.spec
    spec.components.schema("Problem", schema=ProblemSchema)
    for kind in KINDS.values():
        spec.components.schema(feed_content_name(kind), schema=feed_content_schema(kind))
    spec.components.schema(FEED_CONTENT, feed_content_union())
    document: dict[str, Any] = spec.to_dict()
    components = document["components"]
    _describe_schemas(components["schemas"], source)
    components["responses"] = list_responses()
    for name in ("Error", "PaginationMetadata"):
        components["schemas"].pop(name, None)
    components |= {"headers": HEADERS, "securitySchemes": SECURITY_SCHEMES}
    for path in document["paths"].values():
        # The dictionaries in a path are its operations. The list in a path holds its parameters.
        for operation in (value for value in path.values() if isinstance(value, dict)):
            _complete_operation(operation)
        for parameter in path.get("parameters", ()):
            parameter.update(deepcopy(PATH_PARAMETERS.get(parameter["name"], {})))
    _replace_schemas(document)
    share_enumerations(document)
    share_parameters(document)
    document["info"] |= {
        "description": DESCRIPTION,
        "contact": {"name": "Documentation / Dogfennaeth", "url": f"{Settings().public_url}/docs"},
        "license": {"name": "MIT (the code; the content stays its owners’)", "identifier": "MIT"},
    }
    servers = [{"url": Settings().public_url, "description": "This service. / Y gwasanaeth hwn."}]
    head = {"openapi": document["openapi"], "info": document["info"], "servers": servers}
    return head | {name: value for name, value in document.items() if name not in head}


def _describe_schemas(schemas: dict[str, Any], source: Api) -> None:
    """Describe each schema that has a docstring by the first paragraph of its docstring."""
    for (schema, *_), name in source.ma_plugin.converter.refs.items():
        description = vars(schema).get("__doc__")
        if description and name in schemas:
            schemas[name] = {"description": " ".join(description.partition("\n\n")[0].split()), **schemas[name]}


def _complete_operation(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("default", None)
    if responses.get("422", refer_to_response(422)) != refer_to_response(422):
        del responses["422"]  # flask-smorest's status for invalid arguments; ours is 400
    own = operation.get("parameters", [])
    for parameter in own:
        if "explode" in parameter:
            # A client may repeat the parameter or separate its values by commas. Most generated clients repeat it.
            parameter["explode"] = True
    names = {parameter.get("name") for parameter in own}
    shared = [name for name in operation.pop(SHARED_PARAMETERS) if name not in names]
    operation["parameters"] = own + [deepcopy(PARAMETERS[name]) for name in shared]


def _replace_schemas(item: Any) -> None:
    """Replace every schema in ``item`` that has the member ``x-schema`` by the value of that member, in place."""
    members = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    for member in members:
        _replace_schemas(member)
    if isinstance(item, dict) and "x-schema" in item:
        kept = {name: item[name] for name in ("description", "example", "x-component") if name in item}
        schema = item["x-schema"]
        item.clear()
        item |= {**schema, **kept}


class _Dumper(yaml.SafeDumper):
    """A YAML dumper that writes no aliases, and writes multi-line strings as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _represent_text)


def to_yaml(document: dict[str, Any]) -> str:
    """Return the document as YAML, with the keys in their original order."""
    plain = json.loads(json.dumps(document))  # enum members become strings
    return yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=200)


def write_openapi(file: Path, document: dict[str, Any]) -> None:
    """Write the document to ``file`` as YAML."""
    file.write_text(to_yaml(document), encoding="utf-8")
