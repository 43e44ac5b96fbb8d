"""The script of the component: small, at an address that never changes, and with the words of the catalogs."""

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

# Every version that was released, by its number: a page out there names it by its sum.
RELEASED: dict[str, str] = {}


def test_it_is_under_four_kilobytes_compressed() -> None:
    assert len(gzip.compress(NEWEST_COMPONENT.data, 9)) < 4_000


def test_its_own_address_is_for_ever_and_its_integrity_is_that_of_its_bytes(sqlite_client: FlaskClient) -> None:
    for script in COMPONENT_VERSIONS:
        answer = sqlite_client.get(script.path)
        assert answer.status_code == 200
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert b64decode(script.integrity.removeprefix("sha384-")) == hashlib.sha384(answer.data).digest()
        assert script.hash == hashlib.sha256(answer.data).hexdigest()[:12]


def test_the_newest_is_at_the_short_address_and_is_asked_for_again(sqlite_client: FlaskClient) -> None:
    answer = sqlite_client.get("/embed.js")
    assert answer.data == NEWEST_COMPONENT.data
    assert "immutable" not in answer.headers["Cache-Control"]
    assert sqlite_client.get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/embed-.js", "/embed-000000000000.js", "/embed-..js", "/embed-a/b.js"])
def test_a_version_that_never_was_is_not_there(sqlite_client: FlaskClient, path: str) -> None:
    assert sqlite_client.get(path).status_code == 404


def test_a_released_version_never_changes() -> None:
    sums = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in COMPONENTS.glob("*.js")}
    assert sums.items() >= RELEASED.items()
    assert sorted(map(int, sums)) == list(range(1, len(sums) + 1))


def _table(name: str) -> str:
    found = re.search(rf"const {name} = (.*?);\n", NEWEST_COMPONENT.data.decode(), re.DOTALL)
    assert found
    return found[1]


def test_its_words_are_those_of_the_catalogs() -> None:
    written = re.sub(r"(\w+):(?= )", r'"\1":', re.sub(r",(\s*})", r"\1", _table("TITLES")))
    titles = json.loads(written.replace('""', '"'))
    words = Translations()
    kinds = {what: message for what, message in KIND_NAMES.items() if what != "random"}
    for language in Language:
        said = {what.value: words.gettext(language, message) for what, message in kinds.items()}
        assert titles[language.value] == said


def test_it_passes_on_every_parameter_that_an_embed_takes() -> None:
    known = {name for query in EMBED_QUERIES.values() for name in query().fields}
    # The language is the element's own; what is a reader's affair, or the API's, is no attribute.
    assert set(json.loads(_table("PARAMETERS"))) == known - {"lang", "fallback", "min_state", "at"}
