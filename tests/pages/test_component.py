"""The script of the component: its size, its URLs, its messages."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from base64 import b64decode

import pytest
from flask.testing import FlaskClient

from api.domain.language import Language
from api.i18n import Translations
from api.pages.embed_words import KIND_NAMES
from api.pages.static_files import COMPONENT_VERSIONS, COMPONENTS, NEWEST_COMPONENT
from api.schemas.embed import EMBED_QUERIES

# The checksum of each released version, by version number. Pages on other sites contain the checksum.
RELEASED: dict[str, str] = {}


def test_the_script_is_under_four_kilobytes_compressed() -> None:
    assert len(gzip.compress(NEWEST_COMPONENT.data, 9)) < 4_000


def test_a_versioned_url_is_immutable_and_its_script_has_the_published_checksums(sqlite_client: FlaskClient) -> None:
    for script in COMPONENT_VERSIONS:
        response = sqlite_client.get(script.path)
        assert response.status_code == 200
        assert response.mimetype == "text/javascript"
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert b64decode(script.integrity.removeprefix("sha384-")) == hashlib.sha384(response.data).digest()
        assert script.hash == hashlib.sha256(response.data).hexdigest()[:12]


def test_the_short_url_returns_the_newest_version_and_expires(sqlite_client: FlaskClient) -> None:
    response = sqlite_client.get("/embed.js")
    assert response.data == NEWEST_COMPONENT.data
    assert "immutable" not in response.headers["Cache-Control"]
    assert sqlite_client.get("/embed.js", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/embed-.js", "/embed-000000000000.js", "/embed-..js", "/embed-a/b.js"])
def test_an_unknown_version_returns_404(sqlite_client: FlaskClient, path: str) -> None:
    assert sqlite_client.get(path).status_code == 404


def test_a_released_version_never_changes() -> None:
    sums = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in COMPONENTS.glob("*.js")}
    assert sums.items() >= RELEASED.items()
    assert sorted(map(int, sums)) == list(range(1, len(sums) + 1))


def _table(name: str) -> str:
    match = re.search(rf"const {name} = (.*?);\n", NEWEST_COMPONENT.data.decode(), re.DOTALL)
    assert match
    return match[1]


def test_the_messages_in_the_script_match_the_catalogs() -> None:
    written = re.sub(r"(\w+):(?= )", r'"\1":', re.sub(r",(\s*})", r"\1", _table("TITLES")))
    titles = json.loads(written.replace('""', '"'))
    words = Translations()
    kinds = {kind: message for kind, message in KIND_NAMES.items() if kind != "random"}
    for language in Language:
        assert titles[language.value] == {kind.value: words.gettext(language, name) for kind, name in kinds.items()}


def test_the_element_passes_on_every_parameter_of_an_embed() -> None:
    parameters = {name for query in EMBED_QUERIES.values() for name in query().fields}
    # Every HTML element has ``lang``. The other three parameters are for readers and for API clients.
    assert set(json.loads(_table("PARAMETERS"))) == parameters - {"lang", "fallback", "min_state", "at"}
