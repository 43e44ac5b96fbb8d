"""The commands for tokens, units, releases and the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import Result

from tests.tools.actors import FIRST, TITLE, Actors, nothing_changes

Run = Callable[..., Result]
REASONS = ("en=It is with the translator.", "cy=Mae gyda’r cyfieithydd nawr.")


@pytest.fixture
def run(actors: Actors) -> Run:
    """Return a function that runs a command on the database of the actors."""

    def run_command(*arguments: str, status: int = 0) -> Result:
        result = actors.app.test_cli_runner().invoke(args=list(arguments))
        assert result.exit_code == status, result.output
        return result

    return run_command


def _create(run: Run, *more: str) -> str:
    result = run("tokens", "create", "--name", "Elin", "--role", "translator", "--role", "reviewer", *more)
    return result.stdout.splitlines()[-1]


def test_a_new_token_is_printed_once_on_the_last_line_and_works(actors: Actors, run: Run) -> None:
    actors.secrets["elin"] = _create(run, "--language", "cy", "--expires", "90d")  # type: ignore[index]
    assert re.fullmatch(r"eih_[0-9a-f]{10}_[\w-]{43}", actors.secrets["elin"])
    assert actors.act("elin", "target", {"text": "CY gan Elin"})["target"]["updated_by"] == "elin"
    assert actors.try_action("elin", "target", {"text": "EN by Elin"}, "moment.paned.title").status_code == 403
    listed = run("tokens", "list").stdout
    line = next(line for line in listed.splitlines() if "elin" in line)
    assert line.startswith(actors.secrets["elin"][:14])
    assert "reviewer, translator" in line
    assert actors.secrets["elin"][15:] not in listed
    assert actors.audit(limit="2")[-1]["by"] == "operator"


def test_a_revoked_token_no_longer_works(actors: Actors, run: Run) -> None:
    actors.secrets["elin"] = _create(run)  # type: ignore[index]
    run("tokens", "revoke", actors.secrets["elin"][:14], "--as", "Siân")
    assert actors.request("elin", "GET", "/units").status_code == 401
    assert actors.audit(limit="1")[0]["by"] == "siân"
    assert "revoked" in next(line for line in run("tokens", "list").stdout.splitlines() if "elin" in line)
    run("tokens", "revoke", "eih_0000000000", status=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "boss"],
        [],
        ["--role", "editor", "--language", "fr"],
        ["--role", "editor", "--expires", "soon"],
        ["--role", "editor", "--expires", "0d"],
        ["--role", "editor", "--as", ""],
        ["--role", "editor", "--as", "two\nlines"],
        ["--role", "editor", "--name", "x" * 201],
        ["--role", "editor", "--name", "two\nlines"],
        ["--role", "editor", "--name", "a\u200bb"],
        ["--role", "editor", "--name", "Operator"],
        ["--role", "editor", "--name", " "],
    ],
)
def test_an_invalid_token_request_is_refused(actors: Actors, run: Run, arguments: list[str]) -> None:
    with nothing_changes(actors):
        result = actors.app.test_cli_runner().invoke(args=["tokens", "create", "--name", "Elin", *arguments])
    assert result.exit_code in {1, 2}
    assert "Traceback" not in result.output


def test_units_are_listed_by_urgency(actors: Actors, run: Run) -> None:
    actors.outdate()
    actors.deliver("moment.second.title")
    actors.act("rhian", "review", {"decision": "return", "comment": "no"}, "moment.second.title")
    lines = run("units", "list").stdout.splitlines()
    assert lines[0] == "moment.second.title  cy, translated, sent back by rhian"
    assert lines[1] == f"{TITLE}  cy, translated, outdated"
    assert lines[-1].startswith("total ")
    assert run("units", "list", "--outdated").stdout.splitlines()[0].startswith(TITLE)
    assert len(run("units", "list", "--returned", "--kind", "moment", "--target", "cy").stdout.splitlines()) == 2


def test_the_pending_release_and_its_blockers_are_shown(actors: Actors, run: Run) -> None:
    actors.outdate()
    actors.deliver("moment.second.title")
    assert run("release", "next").stdout.splitlines() == [
        f"{FIRST}: changed (blocked)",
        "moment.second: changed",
        f"  blocked: {FIRST}: outdated (cy)",
        "2 resources, 1 blockers",
    ]


def test_the_publish_and_revert_commands_require_the_name_of_a_person(actors: Actors, run: Run) -> None:
    actors.outdate()
    actors.deliver("moment.second.title")
    with nothing_changes(actors):
        run("release", "publish", "--note", "x", status=2)
        refused = run("release", "publish", "--note", "x", "--as", "pedr", status=1)
        assert f"{FIRST}: outdated (cy)" in refused.output
        run("release", "publish", "--ready", FIRST, "--note", "x", "--as", "pedr", status=2)
        run("release", "publish", "moment.nobody", "--note", "x", "--as", "pedr", status=1)
        run("release", "revert", "9", "--note", "x", "--as", "pedr", status=1)
    assert run("release", "publish", "--ready", "--note", "what is ready", "--as", "Siân").stdout == "release 2\n"
    assert (actors.audit(limit="1")[0]["by"], actors.audit(limit="1")[0]["act"]) == ("siân", "release")
    waive = ["--waive", FIRST, "outdated", *REASONS]
    assert run("release", "publish", FIRST, *waive, "--note", "x", "--as", "pedr").stdout == "release 3\n"
    assert actors.read_public("/releases/3")["waivers"][0]["reason"]["cy"] == REASONS[1].removeprefix("cy=")
    assert run("release", "revert", "1", "moment.second", "--note", "x", "--as", "pedr").stdout == "release 4\n"
    assert actors.read_public("/moments/second", lang="cy")["title"] == "CY second title"
    run("release", "publish", "--note", "x", "--as", "pedr", "moment.first", status=1)


def test_the_publish_command_names_the_blockers_if_nothing_is_ready(actors: Actors, run: Run) -> None:
    publish = ("release", "publish", "--ready", "--note", "x", "--as", "pedr")
    assert "there is nothing to release" in run(*publish, status=1).output
    actors.outdate()
    with nothing_changes(actors):
        refused = run(*publish, status=1)
    assert "nothing was written" in refused.output
    assert f"{FIRST}: outdated (cy)" in refused.output


def test_a_waiver_needs_a_reason_in_each_language(actors: Actors, run: Run) -> None:
    actors.outdate()
    with nothing_changes(actors):
        for reasons in (("en=It is with the translator.", "cy=byr"), (REASONS[0], REASONS[0]), ("x", "y")):
            waive = ["--waive", FIRST, "outdated", *reasons]
            refused = run("release", "publish", *waive, "--note", "x", "--as", "pedr", status=1)
            assert "reason-too-short" in refused.output
        gap = ["--waive", FIRST, "in_use", *REASONS]
        assert "gap-not-waivable" in run("release", "publish", *gap, "--note", "x", "--as", "p", status=1).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--note", "two\nlines"], "note: This text must be one line. (not-one-line)"),
        (["--note", "x" * 201], "note: This is over the limit of 200 characters. (too-long)"),
        (["--note", "x\u202ey"], "note: This contains a character that nobody can see: U+202E. (invisible-character)"),
        (["--note", " "], "note: This is empty. (empty)"),
        (["--as", ""], "name: This is empty. (empty)"),
        (["--as", "a\u200bb"], "name: This contains a character that nobody can see: U+200B. (invisible-character)"),
        (["--waive", FIRST, "outdated", "en=It is with\u202e the translator.", REASONS[1]],
         "waive 0 reason en: This contains a character that nobody can see: U+202E. (invisible-character)"),
        (["--waive", FIRST, "outdated", REASONS[0], "cy=a" + " " * 23 + "b"],
         "waive 0 reason cy: A reason needs at least 20 characters in each language. (reason-too-short)"),
        (["moment.nobody"], "There is nothing with the id ‘moment.nobody’."),
    ],
)  # fmt: skip
def test_the_publish_command_reports_invalid_input_like_the_api(
    actors: Actors, run: Run, arguments: list[str], message: str
) -> None:
    actors.outdate()
    with nothing_changes(actors):
        refused = run("release", "publish", "--note", "x", "--as", "pedr", *arguments, status=1)
    assert refused.output == f"Error: {message}\n"


def test_the_revert_command_refuses_invalid_input_like_the_api(actors: Actors, run: Run) -> None:
    actors.deliver()
    actors.publish()
    with nothing_changes(actors):
        run("release", "revert", "1", "--note", "two\nlines", "--as", "pedr", status=1)
        run("release", "revert", "1", "--note", "x", "--as", " ", status=1)
        run("release", "revert", "1", "--note", "x", "--as", "Operator", status=2)
        refused = run("release", "revert", "9", "--note", "x", "--as", "pedr", status=1)
    assert "There is no release with the number ‘9’." in refused.output


def test_errors_are_in_the_operators_language(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    create = ("tokens", "create", "--name", "Elin", "--role", "editor", "--expires", "soon")
    for locale, message in (("en_GB.UTF-8", "A lifetime is a number"), ("cy_GB.UTF-8", "Rhif gyda")):
        monkeypatch.setenv("LANG", locale)
        assert f"Error: expires: {message}" in run(*create, status=1).output


def test_the_units_command_has_the_filters_of_the_api_and_lists_all_pages(
    actors: Actors, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.authoring._PAGE", 2)
    actors.deliver("moment.second.title")
    for option, query in (
        (["--collection", "small"], {"collection": "small"}),
        (["--category", "talk"], {"category": "talk"}),
        (["--by", "TWM"], {"by": "twm"}),
        (["--q", "NEWYDD"], {"q": "newydd"}),
        ([], {}),
    ):
        listed = [line.partition("  ")[0] for line in run("units", "list", *option).stdout.splitlines()[:-1]]
        expected = actors.read("ann", "/units", limit="100", **query)["items"]
        assert listed == [item["id"] for item in expected], option
        assert listed
    assert len(run("units", "list", "--limit", "3").stdout.splitlines()) == 4


def test_the_audit_log_can_be_filtered_by_subject_and_person(actors: Actors, run: Run) -> None:
    actors.deliver()
    actors.outdate()
    lines = run("audit", "--limit", "2").stdout.splitlines()
    assert [line.split("  ")[1:] for line in lines] == [
        ["eirlys", "write", f"{TITLE} 1→2"],
        ["twm", "write", f"{TITLE} 1→2"],
    ]
    assert len(run("audit", "--subject", TITLE, "--by", "TWM").stdout.splitlines()) == 1
