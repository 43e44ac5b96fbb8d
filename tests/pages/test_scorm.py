"""The SCORM package is valid, complete and reproducible, and its content comes from one release."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from api.services.embed.zip_archive import write_zip
from tests.tools.manifest import list_manifest_errors

CHOICES = [
    "kind=moment&slug=chain-reaction",
    "kind=prompt&slug=some-worry-me",
    "kind=prompts&stage=response",
    "kind=ground-rules",
    "kind=session&moments=chain-reaction,seeing-the-light&minutes=15",
]


def unpack(client: FlaskClient, query: str) -> dict[str, str]:
    response = client.get(f"/embed/scorm.zip?{query}")
    assert response.status_code == 200
    archive = ZipFile(BytesIO(response.data))
    assert archive.testzip() is None
    return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("lang", ["cy", "en"])
@pytest.mark.parametrize("query", CHOICES)
def test_the_manifest_is_valid_and_lists_every_file(client: FlaskClient, query: str, lang: str) -> None:
    files = unpack(client, f"{query}&lang={lang}")
    manifest = files.pop("imsmanifest.xml")
    assert list_manifest_errors(manifest) == []
    assert sorted(re.findall(r'<file href="([^"]+)"/>', manifest)) == sorted(files)
    assert 'adlcp:scormtype="sco" href="index.html"' in manifest
    assert 'version="1"' in manifest


def test_the_schemas_detect_an_invalid_manifest(client: FlaskClient) -> None:
    manifest = unpack(client, f"{CHOICES[0]}&lang=cy")["imsmanifest.xml"]
    assert list_manifest_errors(manifest.replace('adlcp:scormtype="sco"', 'adlcp:scormtype="game"'))
    assert list_manifest_errors(manifest.replace("<schemaversion>1.2", "<schemaversions>1.2").replace("on>", "ons>", 1))


@pytest.mark.parametrize("query", CHOICES)
def test_a_package_contains_both_languages_with_links_between_them(client: FlaskClient, query: str) -> None:
    files = unpack(client, f"{query}&lang=cy&switch=no")
    assert '<iframe src="cy.html" lang="cy"' in files["index.html"]
    for here, there in (("cy", "en"), ("en", "cy")):
        assert f'<html lang="{here}"' in files[f"{here}.html"]
        assert f'<a href="{there}.html" lang="{there}"' in files[f"{here}.html"]
    assert "yng nghyhoeddiad 1" in files["cy.html"]
    assert "release 1" in files["en.html"]


@pytest.mark.parametrize("query", CHOICES)
def test_a_package_contains_every_file_that_its_pages_need(client: FlaskClient, query: str) -> None:
    files = unpack(client, f"{query}&lang=cy")
    for name, text in files.items():
        if not name.endswith(".html"):
            continue
        needed = re.findall(r'<(?:link|script|iframe|img)\b[^>]*(?:src|href)="([^"]+)"', text)
        assert needed
        assert set(needed) <= set(files), name
    assert not re.search(r"url\(|@import", files["embed.css"] + files["player.css"])
    assert "fetch(" not in files["player.js"] + files["embed.js"]


def test_packages_are_reproducible(client: FlaskClient) -> None:
    url = f"/embed/scorm.zip?{CHOICES[4]}&lang=cy&release=1"
    first, second = client.get(url), client.get(url)
    assert first.data == second.data
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first.headers["Content-Disposition"] == 'attachment; filename="magic-moments-session-r1.zip"'
    assert client.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_files_in_an_archive_keep_their_order_and_have_a_fixed_date() -> None:
    archive = ZipFile(BytesIO(write_zip({"b.html": b"b", "a/c.txt": "ŵ".encode()})))
    assert archive.namelist() == ["b.html", "a/c.txt"]
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert archive.read("a/c.txt").decode() == "ŵ"


def test_the_readers_language_comes_first_if_the_url_has_no_lang(client: FlaskClient) -> None:
    response = client.get(f"/embed/scorm.zip?{CHOICES[0]}", headers={"Accept-Language": "cy"})
    assert "Accept-Language" in response.headers["Vary"]
    same = client.get(response.headers["Content-Location"].removeprefix("http://127.0.0.1:8000"))
    assert same.data == response.data
