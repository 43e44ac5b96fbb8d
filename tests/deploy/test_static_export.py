"""Each file of the static export is the service's response to one URL, and nginx serves the same response."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from api.app import create_app
from api.db.database import Database
from api.services.maintenance.migrations import upgrade
from tests.conftest import make_settings
from tests.journeys.scenario import Scenario, scenario_steps
from tests.tools.middlewares import Reply, run_nginx, send_request
from tests.tools.programs import require_program

# Headers that nginx omits or sets itself, such as negotiation, links, request ids and validators.
NOT_COMPARED = {"x-request-id", "date", "server", "connection", "content-length", "accept-ranges", "etag",
                "surrogate-key", "link", "vary", "content-location"}  # fmt: skip


@dataclass
class Exported:
    """A service with four releases, and an nginx that serves the static export of the service."""

    app: Flask
    folder: Path
    port: int = 0

    def direct(self, url: str) -> Reply:
        """Return the response of the service."""
        response = self.app.test_client().get(url)
        return Reply(response.status_code, {n.lower(): v for n, v in response.headers.items()}, response.data)

    def served(self, url: str, method: str = "GET", **headers: str) -> Reply:
        """Return the response of nginx."""
        return send_request(self.port, url, method, {name.replace("_", "-"): value for name, value in headers.items()})

    def pages(self) -> list[str]:
        """Return the URL of every exported file, without symbolic links."""
        return [url for url, target in self._targets() if url == target]

    def aliases(self) -> dict[str, str]:
        """Map the URL of every symbolic link to the URL of the linked file."""
        return {url: target for url, target in self._targets() if url != target}

    def _targets(self) -> Iterator[tuple[str, str]]:
        root = (self.folder / "files").resolve()
        for folder, folders, names in os.walk(root, followlinks=True):
            folders.sort()
            for file in (Path(folder) / name for name in sorted(names)):
                if file.parent.name != "_problem":
                    yield to_url(file.relative_to(root)), to_url(file.resolve().relative_to(root))


def to_url(file: Path) -> str:
    return f"/{file.parent}" if file.name == "_" else f"/{file.parent}?{file.name}"


def export(app: Flask, folder: Path, *options: str, status: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["export", "static", str(folder), *options])
    assert result.exit_code == status, result.output
    return result.output


def serve(exported: Exported, folder: Path) -> ExitStack:
    stack = ExitStack()
    folder.mkdir()
    includes = exported.folder / "nginx"
    server = f"set $eih_root {exported.folder}; include {includes}/server.conf;"
    exported.port = stack.enter_context(run_nginx(server, f"include {includes}/http.conf;", folder))
    return stack


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Serve the small booklet after four releases, which include a rename, missing Welsh and a withdrawal."""
    url = f"sqlite:///{tmp_path_factory.mktemp('scenario') / 'scenario.sqlite'}"
    database = Database(make_settings(url))
    upgrade(database.engine)
    for step in scenario_steps(Scenario(database))[:4]:
        step()
    database.close()
    app = create_app(make_settings(url, public_url="https://cynnwys.example"))
    yield app
    app.extensions["edge"].close()


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


def assert_same(served: Reply, direct: Reply, url: str) -> None:
    assert (served.status, served.body) == (direct.status, direct.body), url
    actual, expected = (
        {name: value for name, value in reply.headers.items() if name not in NOT_COMPARED} for reply in (served, direct)
    )
    if "content-language" not in actual:
        # nginx does not know whether the text of a file is Welsh, English or both.
        assert "lang=" not in url or "fallback=allow" in url, url
        expected.pop("content-language", None)
    assert actual == expected, url


def test_nginx_serves_each_file_with_the_same_status_and_body_and_headers_as_the_service(exported: Exported) -> None:
    urls = exported.pages()
    assert len(urls) > 120
    for url in urls:
        assert_same(exported.served(url), exported.direct(url), url)


def test_every_working_url_with_a_language_is_exported(exported: Exported) -> None:
    paths = {url.partition("?")[0] for url in exported.pages() if url.startswith("/v1/") and "lang=" in url}
    paths |= {"/v1/moments?category=care", "/v1/moments?collection=small"}
    missing = 0
    for base, language, fallback in itertools.product(sorted(paths), ("cy", "en"), ("", "&fallback=allow")):
        path, _, query = base.partition("?")
        if path.endswith(".svg") and fallback:
            continue
        url = f"{path}?lang={language}{fallback}" + (f"&{query}" if query else "")
        served, direct = exported.served(url), exported.direct(url)
        if direct.status == 200:
            assert_same(served, direct, url)
        else:
            assert (served.status, direct.status) == (404, 404), url
            assert served.headers["content-language"] == language
            missing += 1
    assert missing


def test_urls_without_a_language_get_the_default_language(exported: Exported) -> None:
    urls = [url for url in exported.aliases() if "lang=" not in url]
    assert {"/v1/moments", "/v1/moments/first-of-all", "/v1/moments?category=care"} < set(urls)
    for url in urls:
        assert_same(exported.served(url), exported.direct(url), url)
        assert exported.served(url, Accept_Language="cy").body == exported.served(url).body


def test_both_slugs_of_a_resource_lead_to_the_same_files(exported: Exported) -> None:
    aliases = {
        url: target for url, target in exported.aliases().items() if url.partition("?")[0] != target.partition("?")[0]
    }
    assert {url.split("/")[2 + ("bilingual" in url)] for url in aliases} == {
        "moments",
        "categories",
        "sections",
        "collections",
        "guide",
    }
    for url in aliases:
        assert_same(exported.served(url), exported.direct(url), url)


def test_an_export_of_an_older_release_contains_only_that_release(pinned: Exported) -> None:
    urls = pinned.pages()
    assert len(urls) > 120
    for url in urls:
        assert_same(pinned.served(url), pinned.direct(url), url)
    for path in ("/v1/moments", "/v1/moments/paned", "/v1/categories/care"):
        # The next export may change the response at a URL without a release, so this response is not immutable.
        served, direct = pinned.served(path), pinned.direct(f"{path}?release=3")
        assert_same(served, direct, path)
        assert "immutable" not in served.headers["cache-control"]
    assert not {"/v1", "/v1/releases", "/v1/changes?since=0", "/v1/releases/4"} & set(urls)


@pytest.mark.parametrize("prefix", ["/hud/v2.1", ""], ids=["kept", "stripped by a proxy"])
@pytest.mark.parametrize("options", [(), ("--release", "3")], ids=["current", "pinned"])
def test_an_export_for_a_public_url_with_a_path_works_with_and_without_the_path(
    app: Flask, tmp_path: Path, prefix: str, options: tuple[str, ...]
) -> None:
    settings = replace(app.extensions["eiliadau_hud"].settings, public_url="https://cynnwys.example/hud/v2.1")
    below = create_app(settings)
    export(below, tmp_path / "site", *options)
    pin = "&release=3" if options else ""
    exported = Exported(below, tmp_path / "site")
    with serve(exported, tmp_path / "nginx"):
        for path in (f"/v1/moments?lang=cy{pin}", f"/v1/moments/paned?lang=en{pin}", "/v1/releases/3"):
            served, direct = exported.served(prefix + path), exported.direct(path)
            assert_same(served, direct, path)
            for link in re.findall(r"https://cynnwys\.example[^\"]*", served.body.decode()):
                assert link.startswith(settings.public_url), link
                exported_path = link.removeprefix(settings.public_url)
                if exported_path.startswith("/v1") and "{" not in link and "after=" not in link:
                    assert exported.served(prefix + exported_path).status in {200, 404}
        if not options:
            moved = exported.served(f"{prefix}/v1/moments/first?lang=cy")
            location = exported.direct("/v1/moments/first?lang=cy").headers["location"]
            assert (moved.status, moved.headers["location"]) == (308, location)
            assert location.startswith(f"{settings.public_url}/v1/")
        missing = exported.served(f"{prefix}/v1/moments/nowhere?lang=cy")
        assert (missing.status, missing.headers["content-type"]) == (404, "application/problem+json")
        assert settings.public_url + "/problems/" in missing.body.decode()


def test_links_of_an_exported_response_lead_to_exported_responses(exported: Exported) -> None:
    urls = {*exported.pages(), *exported.aliases()}
    links = 0
    for url in exported.pages():
        for link in exported.direct(url).headers.get("link", "").split(", "):
            # The oEmbed endpoint accepts any URL, so no file can replace it.
            if link and "+oembed" not in link:
                parts = urlsplit(link.partition(">")[0].lstrip("<"))
                assert f"{parts.path}?{parts.query}".removesuffix("?") in urls, (url, link)
                links += 1
    assert links > 120


def test_old_slugs_redirect_and_withdrawn_resources_are_gone(exported: Exported) -> None:
    moved, direct = (get("/v1/moments/first?lang=cy") for get in (exported.served, exported.direct))
    assert (moved.status, moved.headers["location"]) == (308, direct.headers["location"])
    gone = exported.served("/v1/moments/fifth?lang=cy")
    assert (gone.status, gone.headers["content-language"]) == (410, "cy")
    assert b"problems/withdrawn" in gone.body


@pytest.mark.parametrize(
    "url",
    ["/v1/moments/nobody", "/v1/moments/", "/v1/moments?lang=fr", "/nowhere", "/v1/moments?../../nginx/http.conf",
     "/v1/moments?x=/etc/passwd", "/v1/moments/first-of-all/lang=cy", "/v1/moments/%2e%2e/%2e%2e/nginx/http.conf",
     "/_problem/404.cy", "/v1/moments?a..b", "/v1/bilingual/moments/_", "/v1/moments?lang=cy&lang=cy"],
)  # fmt: skip
def test_urls_that_were_not_exported_are_not_found(exported: Exported, url: str) -> None:
    reply = exported.served(url)
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["access-control-allow-origin"] == "*"
    language = "cy" if "lang=cy" in url.partition("?")[2] else "en"
    assert reply.headers["content-language"] == language
    assert {"cy": "Heb ei ganfod", "en": "Not found"}[language] in reply.body.decode()


def test_an_unchanged_file_keeps_its_etag_in_the_next_export(exported: Exported, tmp_path: Path) -> None:
    url = "/v1/moments/paned?lang=cy"
    first = exported.served(url)
    revalidated = exported.served(url, If_None_Match=first.headers["etag"])
    assert (revalidated.status, revalidated.body) == (304, b"")
    for name in ("etag", "cache-control"):
        assert revalidated.headers[name] == first.headers[name]
    assert "last-modified" not in first.headers
    export(exported.app, tmp_path / "again")
    again = Exported(exported.app, tmp_path / "again")
    with serve(again, tmp_path / "nginx"):
        assert again.served(url).headers["etag"] == first.headers["etag"]


def test_head_and_options_requests_succeed_and_post_requests_are_refused(exported: Exported) -> None:
    head = exported.served("/v1/moments?lang=cy", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert exported.served("/v1/moments?lang=cy", method="OPTIONS").status == 204
    assert exported.served("/v1/moments?lang=cy", method="POST").status == 405


def test_a_second_export_has_the_same_bytes_and_atomically_replaces_the_first_export(
    app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    assert export(app, folder).startswith("release 4: ")
    first = folder.resolve()
    before = read_files(folder)
    file = (folder / "files" / "v1" / "_").open("rb")
    for _ in range(2):
        export(app, folder)
    assert folder.resolve() != first
    assert read_files(folder) == before
    # Three entries: the link, the new folder, and the previous folder, from which a server may still read.
    assert len(list(tmp_path.iterdir())) == 3
    with file:
        assert file.read()


def read_files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the date of each file. nginx makes ETags from dates; files without an ETag have date 0."""
    return {
        str(file.relative_to(folder.resolve())): (
            file.read_bytes(),
            int(file.stat().st_mtime) if "files/v1" in str(file) else 0,
        )
        for file in sorted(folder.resolve().rglob("*"))
        if file.is_file()
    }


def test_a_folder_that_is_not_an_export_is_not_changed(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert "is not an export" in export(app, tmp_path / "mine", status=1)
    assert "there is no release 9" in export(app, tmp_path / "new", "--release", "9", status=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


def test_nginx_accepts_the_configuration_without_a_warning(exported: Exported) -> None:
    conf = exported.folder.parent / "nginx" / "nginx.conf"
    result = subprocess.run(
        [require_program("nginx"), "-t", "-p", str(conf.parent), "-c", str(conf)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "[warn]" not in result.stderr
