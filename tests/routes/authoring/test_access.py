"""Every door and every role, against the table of who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.domain.roles import Role
from tests.conftest import make_settings
from tests.routes.authoring.conftest import World
from tests.tools.actors import TITLE, People, assert_refused
from tests.tools.addresses import ADDRESSES, make_bare_app
from tests.tools.booklets import copied

ANY = {"editor", "translator", "reviewer", "publisher", "admin"}
TARGETS = {"translator", "reviewer"}
UNIT = f"/units/{TITLE}"
# What each door is asked, and the roles that it opens to. Asked like this it changes nothing: something is missing.
DOORS: dict[str, tuple[str, dict[str, object] | None, set[str]]] = {
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
    # A translator gets in for what a reviewer wrote over theirs.
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
    *("/docs", "/docs/words", "/problems", "/problems/<name>", "/static/<path:name>", "/openapi.json"),
    *("/healthz", "/readyz", "/v1/search", "/v1/oembed", "/embed.js", "/embed-<mark>.js", "/embed"),
    *(f"/embed/{each}" for each in ("moments/<slug>", "moments/random", "prompts", "prompts/<slug>", "ground-rules")),
    *(f"/embed/{each}" for each in ("session", "assets/<file>", "handout", "handout.pdf", "qr.svg", "scorm.zip")),
}
every_door = pytest.mark.parametrize("door", DOORS)


@pytest.fixture(scope="module")
def desk(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One copy of the small booklet for the whole walk: nothing here changes it, but for tokens."""
    with copied(world[0], tmp_path_factory.mktemp("doors")) as url:
        app = create_app(make_settings(url))
        yield People(app.test_client(), dict(world[1]), app)
        app.extensions["delivery"].close()


@pytest.fixture(scope="module")
def bad_tokens(desk: People) -> dict[str, str]:
    """Headers that open nothing."""
    revoked = desk.hire("revoked", *Role, name="gone")
    desk.ask("ann", "DELETE", f"/tokens/{revoked[:14]}")
    desk.hire("expired", *Role, name="late", at=_long_ago(0), expires_at=_long_ago(1))
    good = desk.secrets["twm"]
    return {
        "no header": "",
        "no secret": "Bearer ",
        "another scheme": f"Basic {good}",
        "no scheme": good,
        "nonsense": "Bearer nonsense",
        "a letter more": f"Bearer {good}x",
        "a letter less": f"Bearer {good[:-1]}",
        "the prefix only": f"Bearer {good[:14]}",
        "another secret": f"Bearer {good[:15]}{desk.secrets['ann'][15:]}",
        "not ASCII": "Bearer eih_ŵ".encode().decode("latin-1"),
        "very long": "Bearer " + "eih_" * 5000,
        "expired": f"Bearer {desk.secrets['expired']}",
        "revoked": f"Bearer {revoked}",
    }


def _long_ago(hours: int) -> datetime:
    return datetime(2025, 1, 1, hours, tzinfo=UTC)


def test_every_route_is_public_or_in_the_table() -> None:
    app = make_bare_app()
    found: dict[str, set[str]] = {"public": set(), "guarded": set()}
    for rule in app.url_map.iter_rules():
        roles = getattr(app.view_functions[rule.endpoint], "roles", None)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found["public" if roles is None else "guarded"].add(f"{method} {rule.rule}")
    assert found["public"] == {f"GET {rule}" for rule in PUBLIC}
    assert found["guarded"] == {door.partition(" of ")[0] for door in DOORS}


WHO = {"editor": "eirlys", "translator": "twm", "reviewer": "rhian", "publisher": "pedr", "admin": "ann"}


@every_door
def test_a_door_opens_to_its_roles_and_to_no_other(desk: People, door: str) -> None:
    for role, who in WHO.items():
        _check_door(desk, door, role, who)


def _check_door(desk: People, door: str, role: str, who: str) -> None:
    path, body, roles = DOORS[door]
    response = desk.ask(who, door.partition(" ")[0], path, body)
    assert response.headers["Cache-Control"] == "no-store"
    if role in roles:
        expected = {200} if body is None and door.startswith("GET") else {400, 404, 428}
        assert response.status_code in expected, response.text
    else:
        problem = assert_refused(response, 403, "role-missing")
        assert set(problem["roles"]) == roles
        assert all(each in problem["detail"] for each in problem["roles"])


@pytest.mark.parametrize("body", [b"", b"[]", b'{"side": ["source"]}', b"[" * 100_000, b"\xff"])
def test_a_side_that_cannot_be_read_opens_no_door_and_breaks_none(desk: People, body: bytes) -> None:
    for who, status in (("pedr", 403), ("twm", 400)):
        headers = {"Authorization": f"Bearer {desk.secrets[who]}", "If-Match": "*", "Content-Type": "application/json"}
        response = desk.client.post(f"/v1{UNIT}/revert", data=body, headers=headers)
        assert response.status_code == status
        if who == "pedr":
            assert set(response.get_json()["roles"]) == TARGETS | {"editor"}


@every_door
def test_without_a_valid_token_no_door_opens(desk: People, bad_tokens: dict[str, str], door: str) -> None:
    path, body, _ = DOORS[door]
    more = {} if body is None else {"json": body}
    for number, (what, header) in enumerate(bad_tokens.items()):
        language = ("cy", "en")[number % 2]
        headers = {"Accept-Language": language, **({"Authorization": header} if header else {})}
        response = desk.client.open("/v1" + path, method=door.partition(" ")[0], headers=headers, **more)
        is_given = header.startswith("Bearer ") and header != "Bearer "
        name = "token-not-valid" if is_given else "unauthenticated"
        assert_refused(response, 401, name, language)
        assert response.headers["WWW-Authenticate"].startswith("Bearer"), what


def test_a_head_request_needs_a_token_too(desk: People) -> None:
    for door, (path, _, _) in DOORS.items():
        if door.startswith("GET"):
            assert desk.client.head("/v1" + path).status_code == 401, door


def test_every_token_that_should_open_does(desk: People) -> None:
    good = desk.secrets["twm"]
    for header in (f"Bearer {good}", f"bearer {good}", f"BEARER {good}", f"Bearer  {good} "):
        assert desk.client.get("/v1/units", headers={"Authorization": header}).status_code == 200, header


def test_a_person_with_two_roles_may_do_what_either_may(desk: People) -> None:
    desk.hire("both", Role.EDITOR, Role.PUBLISHER)
    assert desk.ask("both", "POST", "/releases", {}).status_code == 400
    assert desk.ask("both", "POST", "/resources", {}).status_code == 400
    assert desk.ask("both", "PUT", f"{UNIT}/target", {"text": "x"}).status_code == 403


def test_public_reading_stays_open_and_looks_at_no_token(client: FlaskClient) -> None:
    for address in ADDRESSES:
        response = client.get(address.ask(), headers={"Authorization": "Bearer nonsense"})
        assert response.status_code == 200, address
        response.close()
