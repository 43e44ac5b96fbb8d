"""The commands for tokens, the queue, releases and the trail."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import Result

from tests.tools.people import FIRST, TITLE, People, nothing_changes

Run = Callable[..., Result]
REASONS = ("en=It is with the translator.", "cy=Mae gyda’r cyfieithydd nawr.")


@pytest.fixture
def run(people: People) -> Run:
    """Runs a command of the service on the people's database."""

    def run_command(*arguments: str, status: int = 0) -> Result:
        result = people.app.test_cli_runner().invoke(args=list(arguments))
        assert result.exit_code == status, result.output
        return result

    return run_command


def _create(run: Run, *more: str) -> str:
    result = run("tokens", "create", "--name", "Elin", "--role", "translator", "--role", "reviewer", *more)
    return result.stdout.splitlines()[-1]


def test_a_token_is_printed_once_as_the_last_line_and_works(people: People, run: Run) -> None:
    people.secrets["elin"] = _create(run, "--language", "cy", "--expires", "90d")  # type: ignore[index]
    assert re.fullmatch(r"eih_[0-9a-f]{10}_[\w-]{43}", people.secrets["elin"])
    assert people.act("elin", "target", {"text": "CY gan Elin"})["target"]["updated_by"] == "elin"
    assert people.try_act("elin", "target", {"text": "EN by Elin"}, "moment.paned.title").status_code == 403
    listed = run("tokens", "list").stdout
    line = next(line for line in listed.splitlines() if "elin" in line)
    assert line.startswith(people.secrets["elin"][:14])
    assert "reviewer, translator" in line
    assert people.secrets["elin"][15:] not in listed
    assert people.audit(limit="2")[-1]["by"] == "operator"


def test_a_token_is_revoked(people: People, run: Run) -> None:
    people.secrets["elin"] = _create(run)  # type: ignore[index]
    run("tokens", "revoke", people.secrets["elin"][:14], "--as", "Siân")
    assert people.ask("elin", "GET", "/units").status_code == 401
    assert people.audit(limit="1")[0]["by"] == "siân"
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
    ],
)
def test_a_token_that_cannot_be_is_refused(people: People, run: Run, arguments: list[str]) -> None:
    with nothing_changes(people):
        result = people.app.test_cli_runner().invoke(args=["tokens", "create", "--name", "Elin", *arguments])
    assert result.exit_code in {1, 2}
    assert "Traceback" not in result.output


def test_the_queue_is_listed_most_needed_first(people: People, run: Run) -> None:
    people.outdate()
    people.deliver("moment.second.title")
    people.act("rhian", "review", {"decision": "return", "comment": "no"}, "moment.second.title")
    lines = run("units", "list").stdout.splitlines()
    assert lines[0] == "moment.second.title  cy, translated, sent back by rhian"
    assert lines[1] == f"{TITLE}  cy, translated, outdated"
    assert lines[-1].startswith("total ")
    assert run("units", "list", "--outdated").stdout.splitlines()[0].startswith(TITLE)
    assert len(run("units", "list", "--returned", "--kind", "moment", "--target", "cy").stdout.splitlines()) == 2


def test_next_says_what_would_go_out_and_what_blocks_it(people: People, run: Run) -> None:
    people.outdate()
    people.deliver("moment.second.title")
    assert run("release", "next").stdout.splitlines() == [
        f"{FIRST}: changed (blocked)",
        "moment.second: changed",
        f"  blocked: {FIRST}: outdated (cy)",
        "2 resources, 1 blockers",
    ]


def test_publishing_and_reverting_are_in_somebodys_name(people: People, run: Run) -> None:
    people.outdate()
    people.deliver("moment.second.title")
    with nothing_changes(people):
        run("release", "publish", "--note", "x", status=2)
        refused = run("release", "publish", "--note", "x", "--as", "pedr", status=1)
        assert f"{FIRST}: outdated (cy)" in refused.output
        run("release", "publish", "--ready", FIRST, "--note", "x", "--as", "pedr", status=2)
        run("release", "publish", "moment.nobody", "--note", "x", "--as", "pedr", status=1)
        run("release", "revert", "9", "--note", "x", "--as", "pedr", status=1)
    assert run("release", "publish", "--ready", "--note", "what is ready", "--as", "Siân").stdout == "release 2\n"
    assert (people.audit(limit="1")[0]["by"], people.audit(limit="1")[0]["act"]) == ("siân", "release")
    waive = ["--waive", FIRST, "outdated", *REASONS]
    assert run("release", "publish", FIRST, *waive, "--note", "x", "--as", "pedr").stdout == "release 3\n"
    assert people.public("/releases/3")["waivers"][0]["reason"]["cy"] == REASONS[1].removeprefix("cy=")
    assert run("release", "revert", "1", "moment.second", "--note", "x", "--as", "pedr").stdout == "release 4\n"
    assert people.public("/moments/second", lang="cy")["title"] == "CY second title"
    run("release", "publish", "--note", "x", "--as", "pedr", "moment.first", status=1)


def test_a_waiver_without_its_reasons_is_refused(people: People, run: Run) -> None:
    people.outdate()
    with nothing_changes(people):
        for reasons in (("en=It is with the translator.", "cy=byr"), (REASONS[0], REASONS[0]), ("x", "y")):
            waive = ["--waive", FIRST, "outdated", *reasons]
            refused = run("release", "publish", *waive, "--note", "x", "--as", "pedr", status=1)
            assert "reason-too-short" in refused.output
        gap = ["--waive", FIRST, "in_use", *REASONS]
        assert "gap-not-waivable" in run("release", "publish", *gap, "--note", "x", "--as", "p", status=1).output


def test_the_trail_is_read_by_subject_and_person(people: People, run: Run) -> None:
    people.deliver()
    people.outdate()
    lines = run("audit", "--limit", "2").stdout.splitlines()
    assert [line.split("  ")[1:] for line in lines] == [
        ["eirlys", "write", f"{TITLE} 1→2"],
        ["twm", "write", f"{TITLE} 1→2"],
    ]
    assert len(run("audit", "--subject", TITLE, "--by", "TWM").stdout.splitlines()) == 1
