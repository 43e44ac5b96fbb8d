"""The static export: every file is what the service answers, and nginx serves it as the service would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from api.app import create_app
from api.db.database import Database
from api.services.maintenance.migrations import upgrade
from tests.conftest import make_settings
from tests.deploy.test_varnish import HEADERS
from tests.journeys.scenario import Story, chapters
from tests.tools.middlewares import Reply, ask, nginx
from tests.tools.programs import require_program

CLASSES = ("cy", "en", "cy, en;q=0", "en, cy;q=0")
# What tells one request, or one hop, from another; nginx's ETag is its own, and made from the same bytes.
OWN = {"x-request-id", "date", "server", "connection", "content-length", "accept-ranges", "etag", "surrogate-key"}


@dataclass
class Exported:
    """A story of four releases, the service that tells it, and its export behind an nginx."""

    app: Flask
    folder: Path
    port: int = 0

    def direct(self, address: str, language: str | None = None, method: str = "GET") -> Reply:
        headers = {"Accept-Language": language} if language else {}
        response = self.app.test_client().open(address, method=method, headers=headers)
        return Reply(response.status_code, {n.lower(): v for n, v in response.headers.items()}, response.data)

    def served(self, address: str, language: str | None = None, method: str = "GET", **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(self.port, address, method, named | ({"Accept-Language": language} if language else {}))

    def addresses(self) -> list[str]:
        """The address of every file."""
        files = self.folder / "files"
        found = []
        for root, folders, names in os.walk(files, followlinks=True):
            folders.sort()
            path = "/" + str(Path(root).relative_to(files))
            if path != "/_problem":
                found += [path if name == "_" else f"{path}?{name}" for name in sorted(names)]
        return found


def export(app: Flask, folder: Path, *more: str, status: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["export", "static", str(folder), *more])
    assert result.exit_code == status, result.output
    return result.output


def serve(exported: Exported, folder: Path) -> ExitStack:
    stack = ExitStack()
    folder.mkdir()
    made = exported.folder / "nginx"
    server = f"set $eih_root {exported.folder}; include {made}/server.conf;"
    exported.port = stack.enter_context(nginx(server, f"include {made}/http.conf;", folder))
    return stack


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The small booklet after four releases: renamed, with Welsh missing, with a moment withdrawn."""
    url = f"sqlite:///{tmp_path_factory.mktemp('story') / 'story.sqlite'}"
    database = Database(make_settings(url))
    upgrade(database.engine)
    for chapter in chapters(Story(database))[:4]:
        chapter()
    database.close()
    app = create_app(make_settings(url, public_url="https://cynnwys.example"))
    yield app
    app.extensions["delivery"].close()


@pytest.fixture(scope="module")
def exported(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    folder = tmp_path_factory.mktemp("export")
    export(app, folder / "site")
    exported = Exported(app, folder / "site")
    with serve(exported, folder / "nginx"):
        yield exported


@pytest.fixture(scope="module")
def pinned(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    folder = tmp_path_factory.mktemp("pinned")
    export(app, folder / "site", "--release", "3")
    exported = Exported(app, folder / "site")
    with serve(exported, folder / "nginx"):
        yield exported


def assert_same(served: Reply, direct: Reply, address: str) -> None:
    assert (served.status, served.body) == (direct.status, direct.body), address
    shown, said = ({n: v for n, v in reply.headers.items() if n not in OWN} for reply in (served, direct))
    assert shown == said, address


def test_every_file_is_the_answer_of_its_address_headers_too(exported: Exported) -> None:
    addresses = exported.addresses()
    assert len(addresses) > 120
    for address in addresses:
        assert_same(exported.served(address), exported.direct(address), address)


def test_an_address_without_a_language_is_answered_in_the_readers(exported: Exported) -> None:
    open_addresses = ["/v1/moments?category=care", "/v1/moments?collection=small"]
    open_addresses += [path for path in {a.partition("?")[0] for a in exported.addresses()} if path.count("/") > 1]
    refused = 0
    for address in sorted(open_addresses):
        for language in CLASSES:
            direct = exported.direct(address, language)
            served = exported.served(address, language)
            if direct.status == 200:
                assert_same(served, direct, address)
            else:
                assert served.status == direct.status or address.startswith("/v1/changes"), address
                assert served.headers["content-type"] == "application/problem+json"
                refused += 1
    assert refused > 1


def test_the_slug_of_the_other_language_leads_to_the_same_answers(exported: Exported) -> None:
    asked = 0
    for plural in ("moments", "categories", "sections", "collections", "guide"):
        listed = exported.direct(f"/v1/bilingual/{plural}?fields=slug,slugs").body
        for item in json.loads(listed)["items"]:
            for slug in {slug for slug in item["slugs"].values() if slug and slug != item["slug"]}:
                address = f"/v1/bilingual/{plural}/{slug}"
                assert_same(exported.served(address), exported.direct(address), address)
                for language in CLASSES:
                    address = f"/v1/{plural}/{slug}"
                    direct = exported.direct(address, language)
                    if direct.status == 200:
                        assert_same(exported.served(address, language), direct, address)
                        asked += 1
    assert asked > 30


def test_a_release_that_is_named_is_written_as_it_was(pinned: Exported) -> None:
    addresses = pinned.addresses()
    assert len(addresses) > 120
    for address in addresses:
        assert_same(pinned.served(address), pinned.direct(address), address)
    for language in CLASSES:
        # Who names no release here reads this one; that it is this one may change, so nobody keeps it for ever.
        for path in ("/v1/moments", "/v1/moments/paned", "/v1/categories/care"):
            served, direct = pinned.served(path, language), pinned.direct(f"{path}?release=3", language)
            assert_same(served, direct, path)
            assert "immutable" not in served.headers["cache-control"]
    assert not {"/v1", "/v1/releases", "/v1/changes?since=0", "/v1/releases/4"} & set(addresses)


@pytest.mark.parametrize(("header", "named"), [pair for pair in HEADERS if pair[1]])
def test_accept_language_comes_down_to_one_of_four_as_in_the_service(
    exported: Exported, header: str, named: str
) -> None:
    address = "/v1/moments/first-of-all"
    assert_same(exported.served(address, header), exported.direct(address, header), header)


def test_links_of_an_exported_answer_lead_to_an_exported_answer(exported: Exported) -> None:
    addresses = set(exported.addresses())
    for address in sorted(addresses):
        headers = exported.served(address).headers
        for link in headers.get("link", "").split(", "):
            # Whether something can be embedded is for the service to say: it is asked with any address.
            if link and "+oembed" not in link:
                parts = urlsplit(link.partition(">")[0].lstrip("<"))
                assert f"{parts.path}?{parts.query}".removesuffix("?") in addresses, (address, link)


def test_old_slugs_lead_on_and_what_was_withdrawn_is_gone(exported: Exported) -> None:
    moved = exported.served("/v1/moments/first?lang=cy")
    assert (moved.status, moved.headers["location"]) == (
        308,
        exported.direct("/v1/moments/first?lang=cy").headers["location"],
    )
    gone = exported.served("/v1/moments/fifth", "cy")
    assert (gone.status, gone.headers["content-language"]) == (410, "cy")
    assert b"problems/withdrawn" in gone.body


@pytest.mark.parametrize(
    "address",
    ["/v1/moments/nobody", "/v1/moments/", "/v1/moments?lang=fr", "/nowhere", "/v1/moments?../../nginx/http.conf",
     "/v1/moments?x=/etc/passwd", "/v1/moments/first-of-all/lang=cy", "/v1/moments/%2e%2e/%2e%2e/nginx/http.conf",
     "/_problem/404.cy", "/v1/moments?a..b", "/v1/bilingual/moments/_", "/v1/moments?lang=cy&lang=cy"],
)  # fmt: skip
def test_what_was_not_exported_is_not_found(exported: Exported, address: str) -> None:
    reply = exported.served(address, "cy")
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
    assert (reply.headers["content-language"], reply.headers["cache-control"]) == ("cy", "no-store")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "Heb ei ganfod" in reply.body.decode()


def test_validators_hold_for_as_long_as_the_bytes_do(exported: Exported, tmp_path: Path) -> None:
    address = "/v1/moments/paned?lang=cy"
    first = exported.served(address)
    known = exported.served(address, If_None_Match=first.headers["etag"])
    assert (known.status, known.body) == (304, b"")
    for name in ("etag", "cache-control"):
        assert known.headers[name] == first.headers[name]
    assert (
        exported.served(
            "/v1/moments", "cy", If_None_Match=exported.served("/v1/moments", "cy").headers["etag"]
        ).headers["vary"]
        == "Accept-Language"
    )
    assert "last-modified" not in first.headers
    export(exported.app, tmp_path / "again")
    again = Exported(exported.app, tmp_path / "again")
    with serve(again, tmp_path / "nginx"):
        assert again.served(address).headers["etag"] == first.headers["etag"]


def test_other_methods_are_answered(exported: Exported) -> None:
    head = exported.served("/v1/moments?lang=cy", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert exported.served("/v1/moments?lang=cy", method="OPTIONS").status == 204
    assert exported.served("/v1/moments?lang=cy", method="POST").status == 405


def test_an_export_is_the_same_bytes_again_and_takes_the_place_of_the_last_in_one_step(
    app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    said = export(app, folder)
    assert said.startswith("release 4: ")
    first = folder.resolve()
    before = _bytes(folder)
    held = (folder / "files" / "v1" / "_").open("rb")
    for _ in range(2):
        export(app, folder)
    assert folder.resolve() != first
    assert _bytes(folder) == before
    # The one that was served until now is kept, older ones are not.
    assert len(list(tmp_path.iterdir())) == 3
    with held:
        assert held.read()


def _bytes(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(file.relative_to(folder.resolve())): (
            file.read_bytes(),
            int(file.stat().st_mtime) if "files/v1" in str(file) else 0,
        )
        for file in sorted(folder.resolve().rglob("*"))
        if file.is_file()
    }


def test_what_is_no_export_is_left_alone(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert "no export" in export(app, tmp_path / "mine", status=1)
    assert "there is no release 9" in export(app, tmp_path / "new", "--release", "9", status=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_nginx_has_no_complaint(exported: Exported) -> None:
    conf = exported.folder.parent / "nginx" / "nginx.conf"
    tried = subprocess.run(
        [require_program("nginx"), "-t", "-p", str(conf.parent), "-c", str(conf)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr
