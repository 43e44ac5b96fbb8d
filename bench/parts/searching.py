"""Searches for single words, rare and common ones."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median
from urllib.parse import quote

from bench.client import get
from bench.parts.result import PartResult
from bench.stage import MissingPartError, Server, Stage

# The number of moments that the words are taken from, of words of each sort, and of searches for each word.
TEXTS, WORDS, REPEATS = 1_000, 40, 7


def measure_search(stage: Stage) -> PartResult:
    """Measure the p50 of uncached searches for rare words (in fewer than a tenth of the texts) and common words."""
    result = PartResult(
        "Search, cache off",
        ("engine", "moments", "words", "median word, p50 ms", "slowest word, p50 ms", "slowest word"),
    )
    for engine in stage.engines:
        for size in (min(stage.sizes), max(stage.sizes)):
            with stage.service(stage.database(size, engine), cache_mb=0) as server:
                if get(server.port, "/v1/search?q=x").status == 404:
                    raise MissingPartError("the service has no /v1/search")
                _measure_words(stage, result, engine, size, server)
    return result


def _measure_words(stage: Stage, result: PartResult, engine: str, size: int, server: Server) -> None:
    rare, common = pick_words(_read_texts(server.port))
    for name, words in (("rare", rare), ("common", common)):
        stage.report(f"search, {engine}, {size}: {len(words)} {name} words")
        times = {word: _time_search(server.port, word, 3 if stage.is_quick else REPEATS) for word in words}
        slowest = max(times, key=times.__getitem__)
        median_word = median(times.values())
        result.add(engine, size, f"{len(words)} {name}", median_word, times[slowest], f"“{slowest}”")
        if size == max(stage.sizes):
            prefix = "search" if engine == "sqlite" else f"search.{engine}"
            result.figures |= {f"{prefix}.{name}.p50": median_word, f"{prefix}.{name}.worst": times[slowest]}


def _time_search(port: int, word: str, repeats: int) -> float:
    path = f"/v1/search?q={quote(word)}&lang=cy"
    times = []
    for _ in range(repeats):
        response = get(port, path)
        if response.status != 200:
            raise MissingPartError(f"a search for “{word}” returned {response.status}")
        times.append(response.ms)
    return median(times)


def _read_texts(port: int) -> list[str]:
    texts: list[str] = []
    path: str | None = "/v1/moments?lang=cy&limit=100&fields=title,body"
    while path and len(texts) < TEXTS:
        page = get(port, path).json
        texts += [f"{item['title']} {item['body']}" for item in page["items"]]
        link = page["links"]["next"]
        path = "/v1" + link.partition("/v1")[2] if link else None
    return texts


def pick_words(texts: list[str]) -> tuple[list[str], list[str]]:
    """Return rare words (in fewer than a tenth of the texts) and common words, evenly spread by frequency."""
    counts = Counter(word for text in texts for word in set(re.findall(r"[^\W\d_]{3,}", text.lower())))
    ordered = sorted(counts, key=lambda word: (counts[word], word))
    rare = [word for word in ordered if counts[word] < len(texts) / 10]
    common = [word for word in ordered if counts[word] >= len(texts) / 10]
    return _spread(rare), _spread(common)


def _spread(words: list[str]) -> list[str]:
    if len(words) <= WORDS:
        return words
    return [words[index * (len(words) - 1) // (WORDS - 1)] for index in range(WORDS)]
