"""Client generators understand the API document, and programs on the generated clients work with the service.

Each program lists all moments in Welsh with ``fields``, handles a typed problem, and gets a 304.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.toolchain import Run, make_folder, run_tool
from tests.conftest import Templates
from tests.tools.servers import Server, run_servers

# The fixtures are made once, by the process that runs these tests.
pytestmark = pytest.mark.xdist_group("generated clients")


@dataclass(frozen=True)
class Generator:
    """A generator of clients: the command that generates one, and the command that runs the program on it."""

    name: str
    language: str
    generate: Sequence[str]
    program: Sequence[str]


def _node_program(name: str) -> list[str]:
    return ["node", f"programs/{name}.mjs"]


GENERATORS = (
    Generator(
        "openapi-typescript",
        "typescript",
        ["openapi-typescript", "openapi.json", "--output", "generated/openapi-typescript.ts"],
        _node_program("openapi-fetch"),
    ),
    Generator(
        "@hey-api/openapi-ts",
        "typescript",
        ["openapi-ts", "--file", "openapi-ts.config.mjs"],
        _node_program("hey-api"),
    ),
    Generator("orval", "typescript", ["orval", "--config", "orval.config.mjs"], _node_program("orval")),
    Generator(
        "openapi-python-client",
        "python",
        [
            "openapi-python-client", "generate", "--path", "openapi.json", "--config", "openapi-python-client.yaml",
            "--meta", "none", "--output-path", "generated/service_client", "--overwrite", "--fail-on-warning",
        ],
        ["python", "openapi_python_client_program.py"],
    ),
    Generator(
        "datamodel-code-generator",
        "python",
        [
            "datamodel-codegen", "--input", "openapi.json", "--input-file-type", "openapi",
            "--preset", "standard-py311-20261027", "--output-model-type", "pydantic_v2.BaseModel",
            "--output", "generated/models.py",
        ],
        ["python", "datamodel_program.py"],
    ),
)  # fmt: skip
every_generator = pytest.mark.parametrize("generator", GENERATORS, ids=lambda generator: generator.name)
CHECKS = {
    "typescript": ["tsc", "--project", "."],
    "python": ["mypy", "--strict", "--config-file=", "--explicit-package-bases", "--cache-dir", "../mypy", "."],
}
BUNDLE = ["esbuild", "openapi-fetch.ts", "hey-api.ts", "orval.ts", "--bundle", "--platform=node", "--format=esm",
          "--outdir=programs", "--out-extension:.js=.mjs", "--log-level=warning"]  # fmt: skip


@pytest.fixture(scope="module")
def folders() -> Mapping[str, Path]:
    """Return a folder per programming language, with the programs and the configuration of the generators."""
    return {language: make_folder(language, language) for language in CHECKS}


@pytest.fixture(scope="module")
def server(
    folders: Mapping[str, Path], templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Serve the booklet, and write the API document of this service to each folder."""
    hold = tmp_path_factory.mktemp("clients") / "hold"
    with run_servers(templates("sqlite", True).url, hold, count=1) as (server,):
        document = server.request("GET", "/openapi.json").text
        for folder in folders.values():
            (folder / "generated").mkdir()
            (folder / "openapi.json").write_text(document, encoding="utf-8")
        yield server


@pytest.fixture(scope="module")
def generated(server: Server, folders: Mapping[str, Path]) -> Mapping[str, Run]:
    """Return the run of each generator, by name."""
    with ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda each: run_tool(folders[each.language], each.generate), GENERATORS)
        return dict(zip((generator.name for generator in GENERATORS), runs, strict=True))


@pytest.fixture(scope="module")
def checked(generated: Mapping[str, Run], folders: Mapping[str, Path]) -> Mapping[str, Run]:
    """Return the run of the type checker of each programming language. It checks clients and programs."""
    with ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda language: run_tool(folders[language], CHECKS[language]), CHECKS)
        return dict(zip(CHECKS, runs, strict=True))


@pytest.fixture(scope="module")
def bundled(generated: Mapping[str, Run], folders: Mapping[str, Path]) -> None:
    """Turn each TypeScript program and its client into one file for Node."""
    assert run_tool(folders["typescript"], BUNDLE) == Run(0, "")


@every_generator
def test_generators_give_no_warning(generated: Mapping[str, Run], generator: Generator) -> None:
    run = generated[generator.name]
    assert run.status == 0, run.output
    assert "warn" not in run.output.lower(), run.output


@pytest.mark.parametrize("language", CHECKS)
def test_generated_clients_and_their_programs_pass_the_strict_type_check(
    checked: Mapping[str, Run], language: str
) -> None:
    assert checked[language].status == 0, checked[language].output


@every_generator
@pytest.mark.usefixtures("bundled")
def test_programs_on_generated_clients_work_with_the_service(
    server: Server, folders: Mapping[str, Path], generator: Generator
) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    run = run_tool(folders[generator.language], [*generator.program, origin])
    assert run.status == 0, run.output
    moments = server.request("GET", "/v1/moments?lang=cy&limit=100").json["items"]
    assert json.loads(run.output) == {
        "titles": [moment["title"] for moment in moments],
        "problem": {"type": f"{origin}/problems/resource-not-found", "status": 404, "language": "cy"},
        "served": "cy",
        "again": 304,
    }
    assert len(moments) == 60
