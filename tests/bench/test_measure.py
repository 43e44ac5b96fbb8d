"""The benchmark's calculations and results page. No test measures speed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.__main__ import read_arguments
from bench.client import read_sample
from bench.measure import BOUNDS, Bound, Contender, MeasurementError, Sample, alternate, median_of, ratio
from bench.parts import PARTS, get_part
from bench.parts.result import READ_COLUMNS, PartResult, format_cell
from bench.parts.searching import pick_words
from bench.report import Results, format_table, judge_bounds, write_page


def sample(rate: float, p50: float = 1.0, errors: int = 0) -> Sample:
    return Sample(rate, p50, 2 * p50, count=100, errors=errors)


def test_contenders_take_turns_and_each_round_starts_with_a_different_contender() -> None:
    turns: list[str] = []

    def contender(name: str) -> Contender:
        def take() -> Sample:
            turns.append(name)
            return sample(len(turns))

        return Contender(name, take)

    samples = alternate([contender(name) for name in "abc"], 3, lambda _: None)
    assert "".join(turns) == "abcbcacab"
    assert [sample.rate for sample in samples["a"]] == [1, 6, 8]


def test_failed_or_missing_responses_stop_the_measurement() -> None:
    for bad in (sample(9, errors=1), Sample(0, 0, 0)):
        with pytest.raises(MeasurementError, match="worse"):
            alternate([Contender("better", lambda: sample(1)), Contender("worse", lambda bad=bad: bad)], 1, print)


def test_a_ratio_is_computed_in_each_round_and_the_median_is_returned() -> None:
    # In the second round the machine was slow for both contenders.
    samples = {"a": [sample(10), sample(1), sample(12)], "b": [sample(20), sample(2), sample(20)]}
    assert ratio(samples, "a", "b") == 0.5
    assert median_of(samples["a"]) == 10
    assert median_of(samples["a"], "p99") == 2


def test_a_figure_equal_to_its_limit_passes() -> None:
    minimum, maximum = Bound("", "x", 0.5, is_minimum=True), Bound("", "x", 100, unit="ms")
    assert [minimum.judge({"x": value}) for value in (0.5, 0.49)] == ["pass", "fail"]
    assert [maximum.judge({"x": value}) for value in (100, 100.1)] == ["pass", "fail"]
    assert minimum.judge({}) == "not measured"
    assert len({bound.key for bound in BOUNDS}) == len(BOUNDS)


def test_the_output_of_wrk_is_parsed() -> None:
    output = "Running 1s test\n  1 threads\n@ 3000 1500000 0 1250.000000 9000.000000\n"
    assert read_sample(output) == Sample(rate=2000, p50=1.25, p99=9, count=3000, errors=0)
    with pytest.raises(ValueError, match="unable to connect"):
        read_sample("unable to connect to 127.0.0.1:1")


def test_figures_have_three_significant_digits() -> None:
    assert [format_cell(cell) for cell in (12345.6, 60000, 1.2345, 0.01234, "x")] == [
        "12,346",
        "60,000",
        "1.23",
        "0.0123",
        "x",
    ]
    assert format_table(("a", "b"), [("long cell", "1")]).splitlines() == [
        "| a         | b |",
        "| --------- | --- |",
        "| long cell | 1 |",
    ]


def test_parts_measured_on_different_days_are_written_to_one_page(tmp_path: Path) -> None:
    result = PartResult("Warm", READ_COLUMNS, figures={"warm.item.ratio": 0.7})
    result.add_samples("item", {"nginx": [sample(10)], "service": [sample(7)]}, ["nginx", "service"], to="nginx")
    Results(tmp_path / "results.json").save("warm", result, is_quick=False)
    again = Results(tmp_path / "results.json")
    again.save("start", PartResult("Start", ("runs",), figures={"start.seconds": 1.0}), is_quick=True)
    write_page(again, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| item | service | 7           | 1      | 2      | 0.7   |" in page
    assert "`python -m bench start --quick`" in page
    assert page.index("## Warm") < page.index("## Start")
    assert "| at least 0.5     | 0.7      | pass         |" in page
    assert judge_bounds({}).count("not measured") == len(BOUNDS)


def test_words_that_occur_in_fewer_than_a_tenth_of_the_texts_count_as_rare() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [f"gofal {'plant' if n < 5 else 'teulu' if n < 7 else ''} gair{letter}" for n, letter in enumerate(letters)]
    rare, common = pick_words(texts)
    assert common == ["plant", "gofal"]
    assert set(rare) == {"teulu", *(f"gair{letter}" for letter in letters)}


def test_the_command_line_accepts_all_parts_of_the_benchmark_and_no_others(capsys: pytest.CaptureFixture[str]) -> None:
    for name in PARTS:
        assert callable(get_part(name))
    assert read_arguments(["warm", "--quick", "--sizes", "600,60"]).sizes == (60, 600)
    with pytest.raises(SystemExit):
        read_arguments(["hot"])
    assert "unknown part hot" in capsys.readouterr().err
