"""PUBLIC_URL with a path, behind an nginx that strips it: no address leads out of the path, and each one works."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse

from api.db.database import Database
from api.services.maintenance.migrations import upgrade
from api.settings import ROOT
from tests.conftest import make_settings
from tests.tools.booklets import load, small_booklet
from tests.tools.crawler import Crawler
from tests.tools.middlewares import run_nginx, send_request
from tests.tools.service import run_service

OPERATORS = ROOT / "docs" / "operators.md"
PATH = "/hud"
PUBLIC = f"https://cynnwys.example{PATH}"
SEEDS = (
    "/", "/docs", "/docs?lang=cy", "/docs/words", "/problems?lang=cy", "/problems/not-found", "/openapi.json", "/v1",
    "/v1/moments?lang=cy&limit=2", "/v1/moments/first?lang=en", "/v1/moments/", "/v1/changes?since=0&limit=2",
    "/v1/bilingual/moments?limit=2", "/v1/releases/1", "/v1/search?q=first", "/v1/translation-status", "/embed",
    "/embed?lang=cy&content=cy&kind=moment&slug=first", "/embed/moments/first?lang=cy",
    "/embed/session?moments=first&lang=en", "/embed/ground-rules?lang=cy", "/embed/handout?kind=prompts&lang=cy",
    "/embed/scorm.zip?kind=moment&slug=first&lang=cy",
    "/embed/qr.svg?kind=moment&slug=first&lang=cy",
)  # fmt: skip
PROBLEMS = ("/v1/moments/nowhere", "/v1/moments?lang=fr", "/nowhere", "/embed/moments/nowhere")


class ProxiedClient:
    """A client that reads everything through nginx, below the path."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str, headers: Mapping[str, str]) -> TestResponse:
        """Return the response to a path below PUBLIC_URL."""
        sent = {**headers, "Host": "cynnwys.example"}
        reply = send_request(self._port, PATH + path, headers=sent)
        request = EnvironBuilder(path=path.partition("?")[0]).get_request()
        return TestResponse([reply.body], str(reply.status), Headers(reply.headers), request)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedClient]:
    """Serve the booklet behind nginx with the configuration of the operators' guide; yield a client."""
    folder = tmp_path_factory.mktemp("public-path")
    url = f"sqlite:///{folder / 'service.sqlite'}"
    database = Database(make_settings(url))
    upgrade(database.engine)
    with database.writing() as session:
        load(session, small_booklet())
    database.close()
    with run_service(url, public_url=PUBLIC, search_limit="0") as server:
        location = re.search(r"^```nginx\n(.*?)^```", OPERATORS.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        assert location
        with run_nginx(location[1].replace(":8000/", f":{server.port}/"), "", folder) as port:
            yield ProxiedClient(port)


def test_every_address_behind_the_proxy_stays_below_the_path_and_works(client: ProxiedClient) -> None:
    crawler = Crawler(client, PUBLIC, {"Accept-Language": "cy"}, most=1)  # type: ignore[arg-type]
    crawler.crawl(SEEDS, PROBLEMS)
    assert crawler.failures == []
    assert len(crawler.answers) > 200


def test_the_api_document_names_the_public_url_as_its_server(client: ProxiedClient) -> None:
    document = client.get("/openapi.json", {}).get_json()
    assert [server["url"] for server in document["servers"]] == [PUBLIC]
