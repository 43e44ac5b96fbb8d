"""The commands in the guides for operators and editors print the output that the guides show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from api.app import create_app
from api.db.database import Database
from api.models import Resource, Revision, Unit
from api.settings import ROOT
from tests.conftest import BOOKLET, MakeApp, make_settings
from tests.docs.transcripts import blocks, commands
from tests.services.booklets.folder.samples import write_second_booklet

OPERATORS, FORMAT = ROOT / "docs" / "operators.md", ROOT / "docs" / "content-format.md"


def _read_outputs(page: Path) -> dict[str, list[str]]:
    """Map each command of a page to the outputs that the page shows for the command, in order."""
    outputs: dict[str, list[str]] = {}
    for command, documented in commands(page):
        outputs.setdefault(command, []).append(documented.strip())
    return outputs


def _run(app: Flask, command: str, *paths: tuple[str, str]) -> str:
    """Replace the paths in a documented command and run it; return the output without the progress bar."""
    for named, real in paths:
        command = command.replace(named, real)
    result = app.test_cli_runner().invoke(args=command.removeprefix("flask "))
    return re.sub(r"^loading .*\n?", "", result.output, flags=re.MULTILINE).strip()


@pytest.fixture
def second_booklet(tmp_path: Path) -> Path:
    """Write the second booklet of the format guide to files."""
    folder = tmp_path / "second-booklet"
    folder.mkdir()
    files = ("collection.yaml", "categories.yaml", "moments.yaml")
    texts = [text for language, text in blocks(FORMAT) if language == "yaml"]
    for name, text in zip(files, texts, strict=True):
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return folder


def test_the_second_booklet_of_the_format_guide_can_be_loaded(
    second_booklet: Path, loaded_url: str, make_app: MakeApp
) -> None:
    app, documented = make_app(loaded_url), _read_outputs(FORMAT)
    replacement = ("content/second-booklet", str(second_booklet))
    for command in (
        "flask content check content/second-booklet",
        "flask content load --dry-run content/second-booklet",
        "flask content load content/second-booklet",
    ):
        assert _run(app, command, replacement) == documented[command][0]
    listed = app.test_client().get("/v1/moments?lang=cy&collection=second-booklet").get_json()
    assert [item["title"] for item in listed["items"]] == ["Paned a sgwrs"]


def test_the_second_booklet_cannot_use_a_slug_of_the_first_booklet(
    second_booklet: Path, loaded_url: str, make_app: MakeApp
) -> None:
    moments = second_booklet / "moments.yaml"
    text = moments.read_text(encoding="utf-8")
    moments.write_text(text.replace("en: a-cuppa-and-a-chat", "en: chain-reaction"), encoding="utf-8")
    command = "flask content load content/second-booklet"
    output = _run(make_app(loaded_url), command, ("content/second-booklet", str(second_booklet)))
    assert output == _read_outputs(FORMAT)[command][1]


def test_documented_commands_print_the_documented_output(empty_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    app, documented = make_app(empty_url), _read_outputs(OPERATORS)
    booklet = ("content/consultant-social-workers", str(BOOKLET))
    check, load = (f"flask content {action} content/consultant-social-workers" for action in ("check", "load"))
    dry = "flask content load --dry-run content/consultant-social-workers"
    assert _run(app, check, booklet) == documented[check][0]
    assert _run(app, dry, booklet) == documented[dry][0]
    assert _run(app, load, booklet) == documented[load][0]
    assert _run(app, load, booklet) == documented[load][1]
    exported = str(tmp_path / "exported")
    output = _run(app, "flask content export /tmp/exported", ("/tmp/exported", exported))
    assert output.replace(exported, "/tmp/exported") == documented["flask content export /tmp/exported"][0]
    assert _run(app, f"flask content load {exported}") == documented[load][1]
    verify = next(command for command in documented if command.endswith("flask content verify"))
    assert _run(app, "flask content verify") == documented[verify][0]


def test_the_documented_load_is_blocked_without_waivers_and_released_with_waivers(
    loaded_url: str, make_app: MakeApp, tmp_path: Path
) -> None:
    app, documented = make_app(loaded_url), _read_outputs(OPERATORS)
    folder = write_second_booklet(tmp_path / "second")
    plain, waived = sorted((c for c in documented if "load content/second-booklet" in c), key=len)
    for command in (plain, waived):
        assert _run(app, command, ("content/second-booklet", str(folder))) == documented[command][0]


def test_the_check_command_prints_the_documented_issues_of_a_broken_folder(shared_app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    for file in BOOKLET.glob("*.yaml"):
        (folder / file.name).write_text(
            file.read_text(encoding="utf-8").replace("state: translated", "state: done", 1)
            if file.name == "collection.yaml"
            else file.read_text(encoding="utf-8"),
            encoding="utf-8",
        )
    command = "flask content check content/broken"
    assert _run(shared_app, command, ("content/broken", str(folder))) == _read_outputs(OPERATORS)[command][0]


@pytest.fixture
def suppressing_app(loaded_url: str, make_app: MakeApp) -> Flask:
    """Return a service in which ``moment.chain-reaction`` was suppressed with the documented command."""
    app = make_app(loaded_url)
    command, documented = next((c, s) for c, s in _read_outputs(OPERATORS).items() if "suppress" in c)
    assert _run(app, command) == documented[0]
    return app


def test_loading_does_not_restore_a_suppressed_story(suppressing_app: Flask, loaded_url: str) -> None:
    load = "flask content load content/consultant-social-workers"
    output = _run(suppressing_app, load, ("content/consultant-social-workers", str(BOOKLET)))
    assert output == _read_outputs(OPERATORS)[load][2]
    database = Database(make_settings(loaded_url))
    with database.reading() as session:
        query = select(Revision.text).join(Unit, Unit.id == Revision.unit_id)
        query = query.join(Resource, Resource.id == Unit.resource_id).where(Resource.key == "chain-reaction")
        assert set(session.scalars(query)) == {""}
    database.close()
    for release in ("", "&release=1", "&release=2"):
        assert suppressing_app.test_client().get(f"/v1/moments/chain-reaction?lang=cy{release}").status_code == 410
    assert _run(suppressing_app, "flask content verify") == "every document matches its revisions"


def test_suppressing_a_resource_twice_has_the_same_result_as_suppressing_it_once(suppressing_app: Flask) -> None:
    again = "flask content suppress moment.chain-reaction --reason again"
    assert _run(suppressing_app, again) == "moment.chain-reaction is empty at every release"


def test_new_ground_rules_are_listed_in_the_order_of_the_folder(
    loaded_url: str, make_app: MakeApp, tmp_path: Path
) -> None:
    app, folder = make_app(loaded_url), tmp_path / "longer"
    folder.mkdir()
    for file in BOOKLET.glob("*.yaml"):
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "furniture.yaml").unlink()
    rules = (folder / "ground-rules.yaml").read_text(encoding="utf-8").split("\n\n")
    first_rule, second_rule = (
        f"- key: {key}\n  source_language: en\n  slugs:\n    en: {key}\n    cy: null\n  units:\n    text:\n"
        f"      en: Rule {key}\n      cy: Rheol {key}\n      state: translated\n      origin: human"
        for key in ("rule-one", "rule-two")
    )
    text = "\n\n".join([rules[0], first_rule, *rules[1:4], second_rule, *rules[4:]])
    (folder / "ground-rules.yaml").write_text(text, encoding="utf-8")
    assert _run(app, f"flask content load {folder}").startswith("2 resources created")
    listed = app.test_client().get("/v1/ground-rules?lang=en&fields=slug").get_json()
    slugs = [item["slug"] for item in listed["items"]]
    assert (slugs.index("rule-one"), slugs.index("rule-two"), len(slugs)) == (1, 5, 8)


def test_a_backup_can_be_served_and_verified(loaded_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    app, file = make_app(loaded_url), tmp_path / "backup.sqlite"
    assert re.fullmatch(rf"{re.escape(str(file))}: [\d,]+ bytes", _run(app, f"flask content backup {file}"))
    if loaded_url.startswith("sqlite"):
        copy = create_app(make_settings(f"sqlite:///{file}"))
        assert _run(copy, "flask content verify") == "every document matches its revisions"
        copy.extensions["edge"].close()
    assert "exists already" in _run(app, f"flask content backup {file}")
