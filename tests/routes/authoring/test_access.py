"""Access: which roles each operation accepts, and which tokens are valid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.domain.roles import Role
from tests.conftest import make_settings
from tests.routes.authoring.conftest import Seed
from tests.tools.actors import TITLE, Actors, assert_refused
from tests.tools.booklets import copy_database
from tests.tools.endpoints import ENDPOINTS, make_empty_app
from tests.tools.programs import find_program

ANY = {"editor", "translator", "reviewer", "publisher", "admin"}
TARGETS = {"translator", "reviewer"}
UNIT = f"/units/{TITLE}"
# For each operation: an incomplete request, which changes nothing, and the roles that the operation accepts.
OPERATIONS: dict[str, tuple[str, dict[str, object] | None, set[str]]] = {
    "GET /v1/units": ("/units", None, ANY),
    "GET /v1/units/<unit>": (UNIT, None, ANY),
    "GET /v1/units/<unit>/history": (f"{UNIT}/history", None, ANY),
    "GET /v1/resources": ("/resources", None, ANY),
    "GET /v1/resources/<resource>": ("/resources/moment.first", None, ANY),
    "GET /v1/releases/next": ("/releases/next", None, ANY),
    "PUT /v1/units/<unit>/target": (f"{UNIT}/target", {"text": "x"}, TARGETS),
    "POST /v1/units/<unit>/confirm": (f"{UNIT}/confirm", {}, TARGETS),
    "POST /v1/units/<unit>/revert": (f"{UNIT}/revert", {"side": "target", "revision": 1}, TARGETS),
    "POST /v1/units/<unit>/revert of a source": (f"{UNIT}/revert", {"side": "source", "revision": 1}, {"editor"}),
    "PUT /v1/units/<unit>/source": (f"{UNIT}/source", {"text": "x"}, {"editor"}),
    "POST /v1/units/<unit>/minor": (f"{UNIT}/minor", {"revision": 1, "minor": True, "comment": "x"}, {"editor"}),
    "POST /v1/resources": ("/resources", {}, {"editor"}),
    "PATCH /v1/resources/<resource>": ("/resources/moment.first", {}, {"editor"}),
    "DELETE /v1/resources/<resource>": ("/resources/moment.first", None, {"editor"}),
    # A translator may review a text of their own that a reviewer has corrected.
    "POST /v1/units/<unit>/review": (f"{UNIT}/review", {"decision": "approve"}, TARGETS),
    "POST /v1/releases": ("/releases", {}, {"publisher"}),
    "POST /v1/releases/<number>/revert": ("/releases/1/revert", {}, {"publisher"}),
    "GET /v1/tokens": ("/tokens", None, {"admin"}),
    "POST /v1/tokens": ("/tokens", {}, {"admin"}),
    "DELETE /v1/tokens/<prefix>": ("/tokens/eih_0000000000", None, {"admin"}),
    "GET /v1/audit": ("/audit", None, {"admin"}),
}
KINDS = ("collections", "sections", "categories", "moments", "ground-rules", "prompts", "guide")
PUBLIC = {
    *(f"/v1{middle}/{kind}{end}" for middle in ("", "/bilingual") for kind in KINDS for end in ("", "/<slug>")),
    *("/v1", "/v1/moments/random", "/v1/translation-status", "/v1/translation-status.csv"),
    *("/v1/translation-status/badge.svg", "/v1/releases", "/v1/releases/<number>", "/v1/changes"),
    *("/", "/v1/vocabulary", "/docs", "/docs/words", "/problems", "/problems/<name>", "/static/<path:name>"),
    *("/openapi.json", "/openapi.yaml"),
    *("/healthz", "/readyz", "/v1/search", "/v1/oembed", "/embed.js", "/embed-<mark>.js", "/embed"),
    *(f"/embed/{path}" for path in ("moments/<slug>", "moments/random", "prompts", "prompts/<slug>", "ground-rules")),
    *(f"/embed/{path}" for path in ("session", "assets/<file>", "handout", "handout.pdf", "qr.svg", "scorm.zip")),
}
every_operation = pytest.mark.parametrize("operation", OPERATIONS)


@pytest.fixture(scope="module")
def actors(seed: Seed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Actors]:
    """Yield actors on one database for all tests of this module. The tests change nothing except tokens."""
    with copy_database(seed[0], tmp_path_factory.mktemp("access")) as url:
        app = create_app(make_settings(url))
        yield Actors(app.test_client(), dict(seed[1]), app)
        app.extensions["edge"].close()


@pytest.fixture(scope="module")
def bad_tokens(actors: Actors) -> dict[str, str]:
    """Return invalid Authorization headers, keyed by the error in each header."""
    revoked = actors.add_actor("revoked", *Role, name="gone")
    actors.request("ann", "DELETE", f"/tokens/{revoked[:14]}")
    actors.add_actor("expired", *Role, name="late", at=_long_ago(0), expires_at=_long_ago(1))
    good = actors.secrets["twm"]
    return {
        "no header": "",
        "no secret": "Bearer ",
        "another scheme": f"Basic {good}",
        "no scheme": good,
        "nonsense": "Bearer nonsense",
        "a letter more": f"Bearer {good}x",
        "a letter less": f"Bearer {good[:-1]}",
        "the prefix only": f"Bearer {good[:14]}",
        "another secret": f"Bearer {good[:15]}{actors.secrets['ann'][15:]}",
        "not ASCII": "Bearer eih_ŵ".encode().decode("latin-1"),
        "very long": "Bearer " + "eih_" * 5000,
        "expired": f"Bearer {actors.secrets['expired']}",
        "revoked": f"Bearer {revoked}",
    }


def _long_ago(hours: int) -> datetime:
    return datetime(2025, 1, 1, hours, tzinfo=UTC)


def test_every_route_is_public_or_in_the_table_of_roles() -> None:
    app = make_empty_app()
    routes: dict[str, set[str]] = {"public": set(), "guarded": set()}
    for rule in app.url_map.iter_rules():
        roles = getattr(app.view_functions[rule.endpoint], "roles", None)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            routes["public" if roles is None else "guarded"].add(f"{method} {rule.rule}")
    assert routes["public"] == {f"GET {rule}" for rule in PUBLIC}
    assert routes["guarded"] == {operation.partition(" of ")[0] for operation in OPERATIONS}


ACTOR_BY_ROLE = {"editor": "eirlys", "translator": "twm", "reviewer": "rhian", "publisher": "pedr", "admin": "ann"}


@every_operation
def test_an_operation_accepts_its_roles_and_no_others(actors: Actors, operation: str) -> None:
    for role, actor in ACTOR_BY_ROLE.items():
        _check_operation(actors, operation, role, actor)


def _check_operation(actors: Actors, operation: str, role: str, actor: str) -> None:
    path, body, roles = OPERATIONS[operation]
    response = actors.request(actor, operation.partition(" ")[0], path, body)
    assert response.headers["Cache-Control"] == "no-store"
    if role in roles:
        expected = {200} if body is None and operation.startswith("GET") else {400, 404, 428}
        assert response.status_code in expected, response.text
    else:
        problem = assert_refused(response, 403, "role-missing")
        assert set(problem["roles"]) == roles
        assert all(role_name in problem["detail"] for role_name in problem["roles"])


@pytest.mark.parametrize("body", [b"", b"[]", b'{"side": ["source"]}', b"[" * 100_000, b"\xff"])
def test_a_revert_without_a_valid_side_is_refused_for_every_role(actors: Actors, body: bytes) -> None:
    for actor, status in (("pedr", 403), ("twm", 400)):
        headers = {
            "Authorization": f"Bearer {actors.secrets[actor]}",
            "If-Match": "*",
            "Content-Type": "application/json",
        }
        response = actors.client.post(f"/v1{UNIT}/revert", data=body, headers=headers)
        assert response.status_code == status
        if actor == "pedr":
            assert set(response.get_json()["roles"]) == TARGETS | {"editor"}


@every_operation
def test_no_operation_accepts_an_invalid_token(actors: Actors, bad_tokens: dict[str, str], operation: str) -> None:
    path, body, _ = OPERATIONS[operation]
    more = {} if body is None else {"json": body}
    for number, (case, header) in enumerate(bad_tokens.items()):
        language = ("cy", "en")[number % 2]
        headers = {"Accept-Language": language, **({"Authorization": header} if header else {})}
        response = actors.client.open("/v1" + path, method=operation.partition(" ")[0], headers=headers, **more)
        is_given = header.startswith("Bearer ") and header != "Bearer "
        name = "token-not-valid" if is_given else "unauthenticated"
        assert_refused(response, 401, name, language)
        assert response.headers["WWW-Authenticate"].startswith("Bearer"), case


def test_a_head_request_needs_a_token_too(actors: Actors) -> None:
    for operation, (path, _, _) in OPERATIONS.items():
        if operation.startswith("GET"):
            assert actors.client.head("/v1" + path).status_code == 401, operation


def test_the_bearer_scheme_is_accepted_in_any_case_and_spacing(actors: Actors) -> None:
    good = actors.secrets["twm"]
    for header in (f"Bearer {good}", f"bearer {good}", f"BEARER {good}", f"Bearer  {good} "):
        assert actors.client.get("/v1/units", headers={"Authorization": header}).status_code == 200, header


def test_a_person_with_two_roles_may_use_both(actors: Actors) -> None:
    actors.add_actor("both", Role.EDITOR, Role.PUBLISHER)
    assert actors.request("both", "POST", "/releases", {}).status_code == 400
    assert actors.request("both", "POST", "/resources", {}).status_code == 400
    assert actors.request("both", "PUT", f"{UNIT}/target", {"text": "x"}).status_code == 403


def test_public_reads_ignore_tokens(client: FlaskClient) -> None:
    for address in ENDPOINTS:
        if address.rule == "/embed/handout.pdf" and find_program("pango") is None:
            continue
        response = client.get(address.url(), headers={"Authorization": "Bearer nonsense"})
        assert response.status_code == 200, address
        response.close()
