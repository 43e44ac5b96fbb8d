"""The SCORM package: valid by the schemas, whole, the same bytes every time, and of one release."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from api.services.embed.zip_archive import write_zip
from tests.tools.manifest import list_manifest_faults

CHOICES = [
    "kind=moment&slug=chain-reaction",
    "kind=prompt&slug=some-worry-me",
    "kind=prompts&stage=response",
    "kind=ground-rules",
    "kind=session&moments=chain-reaction,seeing-the-light&minutes=15",
]


def unpack(client: FlaskClient, query: str) -> dict[str, str]:
    answer = client.get(f"/embed/scorm.zip?{query}")
    assert answer.status_code == 200
    archive = ZipFile(BytesIO(answer.data))
    assert archive.testzip() is None
    return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("lang", ["cy", "en"])
@pytest.mark.parametrize("query", CHOICES)
def test_the_manifest_is_valid_and_names_every_file(client: FlaskClient, query: str, lang: str) -> None:
    files = unpack(client, f"{query}&lang={lang}")
    manifest = files.pop("imsmanifest.xml")
    assert list_manifest_faults(manifest) == []
    assert sorted(re.findall(r'<file href="([^"]+)"/>', manifest)) == sorted(files)
    assert 'adlcp:scormtype="sco" href="index.html"' in manifest
    assert 'version="1"' in manifest


def test_the_schemas_find_a_fault_in_a_manifest(client: FlaskClient) -> None:
    manifest = unpack(client, f"{CHOICES[0]}&lang=cy")["imsmanifest.xml"]
    assert list_manifest_faults(manifest.replace('adlcp:scormtype="sco"', 'adlcp:scormtype="game"'))
    assert list_manifest_faults(manifest.replace("<schemaversion>1.2", "<schemaversions>1.2").replace("on>", "ons>", 1))


@pytest.mark.parametrize("query", CHOICES)
def test_both_languages_are_inside_and_lead_to_each_other(client: FlaskClient, query: str) -> None:
    files = unpack(client, f"{query}&lang=cy&switch=no")
    assert '<iframe src="cy.html" lang="cy"' in files["index.html"]
    for here, there in (("cy", "en"), ("en", "cy")):
        assert f'<html lang="{here}"' in files[f"{here}.html"]
        assert f'<a href="{there}.html" lang="{there}"' in files[f"{here}.html"]
    assert "yng nghyhoeddiad 1" in files["cy.html"]
    assert "release 1" in files["en.html"]


@pytest.mark.parametrize("query", CHOICES)
def test_every_file_that_a_page_needs_is_in_the_package(client: FlaskClient, query: str) -> None:
    files = unpack(client, f"{query}&lang=cy")
    for name, text in files.items():
        if not name.endswith(".html"):
            continue
        needed = re.findall(r'<(?:link|script|iframe|img)\b[^>]*(?:src|href)="([^"]+)"', text)
        assert needed
        assert set(needed) <= set(files), name
    assert not re.search(r"url\(|@import", files["embed.css"] + files["player.css"])
    assert "fetch(" not in files["player.js"] + files["embed.js"]


def test_the_same_choice_is_the_same_bytes(client: FlaskClient) -> None:
    address = f"/embed/scorm.zip?{CHOICES[4]}&lang=cy&release=1"
    first, second = client.get(address), client.get(address)
    assert first.data == second.data
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert first.headers["Content-Disposition"] == 'attachment; filename="magic-moments-session-r1.zip"'
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_an_archive_depends_on_its_files_alone() -> None:
    archive = ZipFile(BytesIO(write_zip({"b.html": b"b", "a/c.txt": "ŵ".encode()})))
    assert archive.namelist() == ["b.html", "a/c.txt"]
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert archive.read("a/c.txt").decode() == "ŵ"


def test_without_a_language_the_reader_decides_which_comes_first(client: FlaskClient) -> None:
    answer = client.get(f"/embed/scorm.zip?{CHOICES[0]}", headers={"Accept-Language": "cy"})
    assert answer.headers["Vary"] == "Accept-Language"
    same = client.get(answer.headers["Content-Location"].removeprefix("http://127.0.0.1:8000"))
    assert same.data == answer.data
