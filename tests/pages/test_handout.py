"""Handouts and QR codes."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from api.pages.qr_code import draw_qr_code

SESSION = "kind=session&moments=chain-reaction,seeing-the-light"


@pytest.mark.parametrize("lang", ["cy", "en"])
def test_a_handout_has_all_texts_of_a_session_and_separate_facilitator_notes(client: FlaskClient, lang: str) -> None:
    text = client.get(f"/embed/handout?{SESSION}&lang={lang}").text
    group, _, facilitator = text.partition('<section class="part facilitator">')
    rules = client.get(f"/v1/ground-rules?lang={lang}").get_json()["items"]
    prompts = client.get(f"/v1/prompts?lang={lang}").get_json()["items"]
    assert all(rule["text_html"] in group for rule in rules)
    for prompt in prompts:
        assert (prompt["text_html"] in facilitator) is (prompt["stage"] == "after"), prompt["id"]
        assert (prompt["text_html"] in group) is (prompt["stage"] != "after"), prompt["id"]
    for slug in ("chain-reaction", "seeing-the-light"):
        assert client.get(f"/v1/moments/{slug}?lang={lang}").get_json()["body_html"] in group


def test_a_bilingual_handout_has_two_parts_from_the_same_release(client: FlaskClient) -> None:
    response = client.get("/embed/handout?kind=moment&slug=chain-reaction&lang=cy&languages=both&release=1")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    cy, en = re.findall(r"<article.*?</article>", response.text, re.DOTALL)
    assert "Adwaith cadwynol" in cy
    assert "Chain reaction" in en
    assert en.startswith('<article class="leaflet" lang="en">')
    assert "Cyhoeddiad 1" in cy
    assert "Release 1" in en
    # Only the Welsh is machine-written: the note is in Welsh and appears once.
    assert cy.count('class="note"') == 1
    assert 'class="note"' not in en


def test_a_handout_can_still_be_requested_by_a_retired_slug(client: FlaskClient) -> None:
    by_welsh = client.get("/embed/handout?kind=moment&slug=adwaith-cadwynol&lang=cy")
    assert "Adwaith cadwynol" in by_welsh.text


def test_a_qr_code_contains_the_embed_url_and_is_reproducible(client: FlaskClient) -> None:
    response = client.get("/embed/qr.svg?kind=moment&slug=chain-reaction&lang=cy&download=1")
    assert response.data == draw_qr_code("http://127.0.0.1:8000/embed/moments/chain-reaction?lang=cy")
    assert response.headers["Content-Disposition"] == 'attachment; filename="qr.svg"'
    assert response.data.startswith(b"<?xml")
    assert b"<script" not in response.data


def test_a_qr_code_can_hold_the_longest_session(client: FlaskClient) -> None:
    slugs = [moment["slug"] for moment in client.get("/v1/moments?lang=cy&limit=100").get_json()["items"]]
    longest = sorted(slugs, key=len)[-20:]
    response = client.get(f"/embed/qr.svg?kind=session&lang=cy&moments={','.join(longest)}")
    assert response.status_code == 200
