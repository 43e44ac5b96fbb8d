"""The embed pages: languages, notes, switches, releases, problems, frames."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from api.db.database import Database
from api.domain.language import Language
from api.domain.state import MinState, State
from api.i18n import Translations
from api.pages.embed_words import describe_note
from api.services.authoring.units import NewText
from api.services.maintenance.suppression import suppress
from api.services.publishing.releases import publish
from api.setting_rules import InvalidSettingError
from api.settings import Settings
from tests.conftest import MakeApp
from tests.pages.parsed_page import ParsedPage
from tests.tools.booklets import editor, get_row_ids
from tests.tools.edits import set_withdrawn, write_target

OTHER = {"cy": "en", "en": "cy"}
SESSION = "/embed/session?moments=chain-reaction,being-heard"
PAGES = (
    "/embed/moments/chain-reaction?", "/embed/moments/random?seed=heddiw", "/embed/prompts/some-worry-me?",
    "/embed/prompts?stage=response&show=all", "/embed/prompts?at=3", "/embed/ground-rules?", SESSION,
)  # fmt: skip
every_page = pytest.mark.parametrize("page", PAGES)
IMMUTABLE = "public, max-age=31536000, immutable"


@every_page
@pytest.mark.parametrize("lang", ["cy", "en"])
def test_a_page_is_entirely_in_its_language(client: FlaskClient, page: str, lang: str) -> None:
    response = client.get(f"{page}&lang={lang}")
    parsed = ParsedPage(response)
    assert response.status_code == 200
    assert parsed.language == lang == response.headers["Content-Language"]
    switch = parsed.root.xpath("//nav[@class='switch']/a")
    assert [(a.get("lang"), a.text) for a in switch] == [(OTHER[lang], {"cy": "English", "en": "Cymraeg"}[lang])]
    assert {element.get("lang") for element in parsed.root.xpath("//main//*[@lang]")} == set()
    assert parsed.notes == (["Cyfieithiad peirianyddol. Nid oes neb wedi’i adolygu eto."] if lang == "cy" else [])
    assert parsed.root.xpath("count(//h1)") == 1
    assert parsed.text("//footer").endswith(
        ("Perchnogion y llyfryn sy’n dal yr hawliau.", "with the booklet’s owners.")
    )


@every_page
def test_pages_contain_no_inline_scripts_or_styles(client: FlaskClient, page: str) -> None:
    parsed = ParsedPage(client.get(f"{page}&lang=cy"))
    scripts = parsed.root.xpath("//script[not(@src) and not(@type='application/ld+json')]")
    assert scripts == parsed.root.xpath("//style") == parsed.root.xpath("//@style") == []
    assert [name for name in parsed.root.xpath("//@*/..") if any(key.startswith("on") for key in name.attrib)] == []
    for url in (*parsed.root.xpath("//script/@src"), *parsed.root.xpath("//link[@rel='stylesheet']/@href")):
        file = client.get(url)
        assert file.status_code == 200
        assert file.headers["Cache-Control"] == IMMUTABLE
        # A page that was cached before an update still gets its styles and scripts.
        old = client.get(f"{url.rpartition('-')[0]}-000000000000.{url.rpartition('.')[2]}")
        assert (old.status_code, old.data) == (200, file.data)
        assert old.headers["Cache-Control"] != IMMUTABLE


@every_page
def test_the_language_switch_leads_to_the_same_page_and_back(client: FlaskClient, page: str) -> None:
    for lang in ("cy", "en"):
        here = ParsedPage(client.get(f"{page}&lang={lang}&theme=dark&release=1&dnt=1"))
        assert here.switch is not None
        assert "dnt" not in here.switch
        assert {"theme=dark", "release=1"} <= set(here.switch.partition("?")[2].split("&"))
        there = ParsedPage(client.get(here.switch))
        assert there.language == OTHER[lang]
        assert len(there.texts("//main//li")) == len(here.texts("//main//li"))
        assert there.switch is not None
        assert ParsedPage(client.get(there.switch)).text() == here.text()
    assert ParsedPage(client.get(f"{page}&lang=cy&switch=no")).switch is None


@every_page
def test_unknown_parameters_change_nothing(client: FlaskClient, page: str) -> None:
    plain = client.get(f"{page}&lang=cy")
    noisy = client.get(f"{page}&lang=cy&dnt=1&utm_source=x&utm_source=y&%ff=%ff")
    assert (noisy.status_code, noisy.data, noisy.headers["ETag"]) == (200, plain.data, plain.headers["ETag"])
    by_header = client.get(f"{page}&dnt=1", headers={"Accept-Language": "cy"})
    assert "dnt" not in by_header.headers["Content-Location"]
    assert "Accept-Language" in by_header.headers["Vary"]


def test_a_random_moment_is_not_cached_and_its_language_switch_links_to_the_same_moment(client: FlaskClient) -> None:
    response = client.get("/embed/moments/random?lang=cy&category=research")
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    parsed = ParsedPage(response)
    assert (parsed.switch or "").startswith("/embed/moments/")
    assert "random" not in (parsed.switch or "")


def test_the_welsh_page_of_a_text_without_welsh_returns_404_and_links_to_the_english_page(
    odd: FlaskClient,
) -> None:
    response = odd.get("/embed/moments/alone?lang=cy&theme=dark&dnt=1")
    parsed = ParsedPage(response)
    assert (response.status_code, parsed.language) == (404, "cy")
    assert parsed.text("//h1") == "Ddim ar gael yn yr iaith hon"
    assert "Nid oes testun Cymraeg ar gael." in parsed.text()
    (link,) = parsed.root.xpath("//main//a")
    assert (link.text, link.get("href")) == (
        "Darllen y testun yn Saesneg",
        "/embed/moments/alone?lang=en&theme=dark",
    )
    english = ParsedPage(odd.get(link.get("href")))
    assert english.text("//h1") == "EN alone title"
    assert english.switch is None


def test_a_fallback_text_has_a_lang_attribute_and_a_note(odd: FlaskClient) -> None:
    response = odd.get("/embed/moments/alone", headers={"Accept-Language": "cy"})
    parsed = ParsedPage(response)
    assert (response.status_code, parsed.language) == (200, "cy")
    assert response.headers["Content-Language"] == "cy, en"
    assert parsed.language_of("EN alone title") == parsed.language_of("EN alone body") == "en"
    assert parsed.notes == ["Nid yw’r testun hwn ar gael yn Gymraeg eto. Dangosir y Saesneg yn ei le."]
    assert parsed.language_of(parsed.notes[0]) == "cy"
    assert parsed.texts("//title") == ["Eiliad hud 6"]


def test_only_the_fallback_texts_of_a_set_have_a_lang_attribute_and_a_note(odd: FlaskClient) -> None:
    parsed = ParsedPage(odd.get("/embed/prompts?stage=response&show=all", headers={"Accept-Language": "cy"}))
    assert (parsed.language_of("EN silent text"), parsed.language_of("CY reply text")) == ("en", "cy")
    assert parsed.notes == ["Nid yw’r testun hwn ar gael yn Gymraeg eto. Dangosir y Saesneg yn ei le."]
    strict = ParsedPage(odd.get("/embed/prompts?stage=response&show=all&lang=cy"))
    assert "EN" not in strict.text()
    assert strict.notes == ["Testunau a hepgorwyd am nad ydynt ar gael yn Gymraeg eto: 1"]


NOTES = {
    ("first", "cy"): ["unreviewed"], ("second", "cy"): ["machine"], ("fifth", "cy"): [],
    ("read", "cy"): ["reviewed-machine"],
    ("paned", "en"): ["unreviewed"], ("paned", "cy"): [], ("second", "en"): [],
}  # fmt: skip


@pytest.mark.parametrize(("slug", "lang"), NOTES)
def test_each_state_and_origin_has_a_note(odd: FlaskClient, slug: str, lang: str) -> None:
    expected = [describe_note(Translations(), Language(lang), note) for note in NOTES[slug, lang]]
    assert ParsedPage(odd.get(f"/embed/moments/{slug}?lang={lang}")).notes == expected


@pytest.mark.parametrize("page", ["/embed/moments/hostile?", "/embed/session?moments=hostile"])
def test_markup_in_texts_is_escaped(odd: FlaskClient, page: str) -> None:
    for lang in ("cy", "en"):
        response = odd.get(f"{page}&lang={lang}")
        assert "<script>alert" not in response.text
        assert "<!--" not in response.text
        parsed = ParsedPage(response)
        assert f"{lang} <script>alert(1)</script></p></script><!-- body" in parsed.text()
        assert "<script>alert(1)</script>" in str(parsed.json_ld)
        assert len(parsed.root.xpath("//script")) == 2


def test_a_session_contains_rules_moments_prompts_and_facilitator_notes(client: FlaskClient) -> None:
    parsed = ParsedPage(client.get(f"{SESSION}&lang=cy&minutes=20"))
    assert parsed.texts("//article//h3") == ["Adwaith cadwynol", "Lleisiau’n cael eu clywed"]
    assert parsed.text("//*[@role='timer']") == "20 munud"
    assert len(parsed.texts("//ol[@class='rules']/li")) == 6
    shown, folded = parsed.text("//section[@class='steps']"), " ".join(parsed.texts("//details"))
    assert "Prin iawn yw ‘eiliadau hud’:" in shown
    assert "Prin iawn yw" not in folded
    # Tasks for afterwards and instructions are for the facilitator only.
    assert "Sefydlwch fanc o awgrymiadau" in folded
    for prompt in parsed.texts("//section[@class='steps']//div[@class='prompt'][not(ancestor::details)]"):
        assert "Sefydlwch" not in prompt
    assert "ymrannu’n grwpiau o dri" in folded
    some = ParsedPage(client.get(f"{SESSION}&lang=cy&stages=response"))
    assert len(some.texts("//div[@class='prompt']")) == 7
    assert "Sefydlwch" not in some.text()


def test_a_session_explains_why_a_moment_is_missing(odd: FlaskClient) -> None:
    parsed = ParsedPage(odd.get("/embed/session?moments=first,alone,cyntaf&lang=cy"))
    assert parsed.texts("//article//h3") == ["CY first title", "CY first title"]
    assert parsed.text("//article[@class='absent']").startswith("Nid yw’r eiliad hud hon ar gael yn Gymraeg eto.")
    assert parsed.root.xpath("//article[@class='absent']//a/@href") == ["/embed/moments/alone?lang=en"]
    alone = odd.get("/embed/session?moments=alone&lang=cy")
    assert alone.status_code == 404
    assert ParsedPage(alone).root.xpath("//main//a/@href") == ["/embed/session?lang=en&moments=alone"]


def test_a_withdrawn_moment_returns_410_but_earlier_releases_still_show_it(
    loaded_database: Database, loaded_url: str, make_app: MakeApp
) -> None:
    name = "moment.chain-reaction"
    with loaded_database.writing() as session:
        set_withdrawn(session, editor(session), name, is_withdrawn=True)
        publish(session, editor(session), get_row_ids(session, name), note="a release", required=MinState.TRANSLATED)
    client = make_app(loaded_url).test_client()
    for lang in ("cy", "en"):
        response = client.get(f"/embed/moments/chain-reaction?lang={lang}")
        parsed = ParsedPage(response)
        assert (response.status_code, parsed.language) == (410, lang)
        expected = {"cy": "Tynnwyd hwn yn ôl yng nghyhoeddiad 2.", "en": "This was withdrawn in release 2."}
        assert [parsed.language_of(expected["cy"]), parsed.language_of(expected["en"])] == ["cy", "en"]
        assert expected[lang] in parsed.text("//main/section[1]")
        assert client.get(f"/embed/moments/chain-reaction?lang={lang}&release=1").status_code == 200
        session_page = ParsedPage(client.get(f"{SESSION}&lang={lang}"))
        gone = {"cy": "Mae’r eiliad hud hon wedi’i thynnu’n ôl.", "en": "This moment has been withdrawn."}
        assert session_page.text("//article[@class='absent']") == gone[lang]
    assert client.get("/v1/oembed?url=http://127.0.0.1:8000/v1/moments/chain-reaction").status_code == 410


def test_a_suppressed_moment_returns_410_in_both_languages(
    loaded_database: Database, loaded_url: str, make_app: MakeApp
) -> None:
    with loaded_database.writing() as session:
        suppress(session, editor(session), "moment.chain-reaction", "Somebody asked for it to go.")
    client = make_app(loaded_url).test_client()
    for lang in ("cy", "en"):
        response = client.get(f"/embed/moments/chain-reaction?lang={lang}&release=1")
        parsed = ParsedPage(response)
        assert (response.status_code, parsed.language) == (410, lang)
        assert parsed.texts("//main/section[1]/h1") == [
            {"cy": "Ddim ar gael mwyach", "en": "No longer available"}[lang]
        ]
        assert parsed.root.xpath("//main/section[2]/@lang") == [OTHER[lang]]
        session_page = ParsedPage(client.get(f"{SESSION}&lang={lang}"))
        assert len(session_page.texts("//article")) == 2


def test_a_page_with_a_release_in_its_url_does_not_change(
    loaded_database: Database, loaded_url: str, make_app: MakeApp
) -> None:
    client = make_app(loaded_url).test_client()
    url = "/embed/moments/chain-reaction?lang=cy&release=1"
    before = client.get(url)
    with loaded_database.writing() as session:
        new = NewText("Testun newydd sbon.", state=State.TRANSLATED)
        write_target(session, editor(session), "moment.chain-reaction.body", new)
        publish(
            session,
            editor(session),
            get_row_ids(session, "moment.chain-reaction"),
            note="a release",
            required=MinState.TRANSLATED,
        )
    assert "Testun newydd sbon." in client.get("/embed/moments/chain-reaction?lang=cy").text
    after = client.get(url)
    assert (after.data, after.headers["Cache-Control"]) == (before.data, IMMUTABLE)
    assert "Y testun fel yr oedd yng nghyhoeddiad 1" in after.text


REFUSED = {
    "/embed/moments/nid-oes-un": (404, "nid-oes-un"),
    "/embed/nid-oes-yma": (404, ""),
    "/embed/nothing": (404, ""),
    "/embed/moments/x?release=99": (404, "99"),
    "/embed/prompts?stage=x": (400, "framing, response, reflection, after"),
    "/embed/prompts?at=0": (400, "1"),
    "/embed/ground-rules?collection=x": (400, "‘x’"),
    "/embed/moments/chain-reaction?theme=pink": (400, "light, dark, auto"),
    "/embed/moments/chain-reaction?release=next": (400, "1"),
    "/embed/moments/chain-reaction?theme=dark&theme=dark": (400, "theme"),
    "/embed/session": (400, "moments"),
    "/embed/session?moments=,,": (400, "moments"),
    f"/embed/session?moments={','.join(f'm{n}' for n in range(21))}": (400, "20"),
    "/embed/session?moments=chain-reaction,nid-oes-un": (404, "nid-oes-un"),
    "/embed/session?moments=chain-reaction&minutes=0": (400, "240"),
    "/embed/moments/%3Cscript%3Ealert(1)%3Cscript%3E": (404, "<script>alert(1)<script>"),
    "/embed/moments/%3Cscript%3Ealert(1)%3C%2Fscript%3E": (404, ""),
}


@pytest.mark.parametrize("url", REFUSED)
@pytest.mark.parametrize("lang", ["cy", "en"])
def test_problems_are_pages_in_both_languages(sqlite_client: FlaskClient, url: str, lang: str) -> None:
    status, expected = REFUSED[url]
    response = sqlite_client.get(url, headers={"Accept-Language": lang})
    parsed = ParsedPage(response)
    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert parsed.language == lang
    titles = parsed.texts("//h1 | //h2")
    assert len(set(titles)) == 2
    blocks = parsed.texts("//main/section")
    assert all(expected in block for block in blocks) if url != "/embed/nid-oes-yma" else True
    assert "<script>alert" not in response.text
    assert "frame-ancestors" not in response.headers["Content-Security-Policy"]


def test_a_setting_decides_which_sites_may_frame_embed_pages(shared_url: str, make_app: MakeApp) -> None:
    client = make_app(shared_url, frame_ancestors="https://*.llyw.cymru https://moodle.example:8443").test_client()
    for path in ("/embed/moments/chain-reaction", "/embed/moments/none"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy.endswith("; frame-ancestors 'self' https://*.llyw.cymru https://moodle.example:8443")
    assert client.get("/v1").headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


@pytest.mark.parametrize("value", ["'self'", "'none'"])
def test_the_embed_builder_may_always_frame_its_preview(shared_url: str, make_app: MakeApp, value: str) -> None:
    client = make_app(shared_url, frame_ancestors=value).test_client()
    policy = client.get("/embed/moments/chain-reaction").headers["Content-Security-Policy"]
    assert policy.endswith("; frame-ancestors 'self'")


@pytest.mark.parametrize("value", ["*; script-src *", "https://a.example,https://b.example", "'none' *", "a\nb", "<x>"])
def test_invalid_frame_ancestors_are_refused(value: str) -> None:
    with pytest.raises(InvalidSettingError, match="FRAME_ANCESTORS"):
        Settings(frame_ancestors=value)


@pytest.mark.parametrize("value", ["*", "'self'", "'none'", "* file: moodleappfs:", "https://*.gov.wales http://a:80"])
def test_valid_frame_ancestors_are_accepted(value: str) -> None:
    assert Settings(frame_ancestors=value).frame_ancestors == value


def test_links_begin_with_the_path_of_the_public_url(shared_url: str, make_app: MakeApp) -> None:
    client = make_app(shared_url, public_url="https://cynnwys.example/hud").test_client()
    parsed = ParsedPage(client.get("/embed/prompts?lang=cy&at=2", headers={"Host": "evil.example"}))
    links = [*parsed.root.xpath("//@href"), *parsed.root.xpath("//@src")]
    assert len(links) > 7
    assert {link for link in links if not link.startswith(("/hud/", "https://cynnwys.example/hud/"))} == set()
