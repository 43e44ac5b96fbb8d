"""Searching 60,000 moments, each word by itself: what is rare and what is everywhere."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median
from urllib.parse import quote

from bench.client import get
from bench.parts.found import Found
from bench.stage import PartMissing, Server, Stage

# How many moments the words are counted in, and how many words are asked of each sort.
READ, ASKED, TIMES = 1_000, 40, 7


def measure_search(stage: Stage) -> Found:
    """p50 of each word, cache off; the worst of those that stand in under a tenth, and of the others."""
    found = Found("Search, cache off", ("engine", "moments", "words", "p50 of words, ms", "worst word, ms", "is"))
    for engine in stage.engines:
        for size in (min(stage.sizes), max(stage.sizes)):
            with stage.service(stage.database(size, engine), cache_mb=0) as server:
                if get(server.port, "/v1/search?q=x").status == 404:
                    raise PartMissing("the service has no /v1/search yet")
                _ask(stage, found, engine, size, server)
    return found


def _ask(stage: Stage, found: Found, engine: str, size: int, server: Server) -> None:
    rare, common = pick_words(_read_texts(server.port))
    for name, words in (("rare", rare), ("common", common)):
        stage.tell(f"search, {engine}, {size}: {len(words)} {name} words")
        times = {word: _time(server.port, word, 3 if stage.is_quick else TIMES) for word in words}
        worst = max(times, key=times.__getitem__)
        middle = median(times.values())
        found.add(engine, size, f"{len(words)} {name}", middle, times[worst], f"“{worst}”")
        if size == max(stage.sizes):
            prefix = "search" if engine == "sqlite" else f"search.{engine}"
            found.figures |= {f"{prefix}.{name}.p50": middle, f"{prefix}.{name}.worst": times[worst]}


def _time(port: int, word: str, times: int) -> float:
    path = f"/v1/search?q={quote(word)}&lang=cy"
    took = []
    for _ in range(times):
        got = get(port, path)
        if got.status != 200:
            raise PartMissing(f"a search for “{word}” answered {got.status}")
        took.append(got.ms)
    return median(took)


def _read_texts(port: int) -> list[str]:
    texts: list[str] = []
    path: str | None = "/v1/moments?lang=cy&limit=100&fields=title,body"
    while path and len(texts) < READ:
        page = get(port, path).json
        texts += [f"{item['title']} {item['body']}" for item in page["items"]]
        link = page["links"]["next"]
        path = "/v1" + link.partition("/v1")[2] if link else None
    return texts


def pick_words(texts: list[str]) -> tuple[list[str], list[str]]:
    """Words that stand in under a tenth of the texts, and words that stand in more: spread over how common they are."""
    counts = Counter(word for text in texts for word in set(re.findall(r"[^\W\d_]{3,}", text.lower())))
    ordered = sorted(counts, key=lambda word: (counts[word], word))
    rare = [word for word in ordered if counts[word] < len(texts) / 10]
    common = [word for word in ordered if counts[word] >= len(texts) / 10]
    return _spread(rare), _spread(common)


def _spread(words: list[str]) -> list[str]:
    if len(words) <= ASKED:
        return words
    return [words[place * (len(words) - 1) // (ASKED - 1)] for place in range(ASKED)]
