"""Reading at 60 moments: warm against nginx, cold against the reference, SQLite against PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from bench.client import get, take_sample
from bench.measure import Contender, MeasureFailed, Samples, alternate, middle, ratio
from bench.parts.found import READ, Found
from bench.stage import PartMissing, Server, Stage, need_module, need_setting

LIST = "/v1/moments?lang=cy"
# A bench without search asks for the rest all the same.
SEARCH = "/v1/search?q=plentyn&lang=cy"
# Enough to keep a warm worker busy; a cold one is asked one after the other, as latencies are compared.
WARM, COLD = 32, 1


def addresses(port: int) -> dict[str, str]:
    """What is read, by what it is: the item is one in the middle of the first list."""
    item = get(port, LIST).json["items"][9]["slug"]
    found = {
        "item": f"/v1/moments/{item}?lang=cy",
        "list": LIST,
        "list of 100": f"{LIST}&limit=100",
        "bilingual item": f"/v1/bilingual/moments/{item}",
        "bilingual list": "/v1/bilingual/moments",
    }
    return found | ({"search": SEARCH} if get(port, SEARCH).status == 200 else {})


def measure_warm(stage: Stage) -> Found:
    """The cache, against nginx with the same bytes and against the reference."""
    need_setting("cache_mb")
    found = Found("Warm: one worker on one core, 32 connections, 60 moments, SQLite", READ)
    url = stage.database(min(stage.sizes))
    with ExitStack() as stack:
        context = stack.enter_context(stage.service(url))
        nginx, export = stack.enter_context(stage.nginx(min(stage.sizes)))
        reference = _reference(stage, stack, url, found)
        for what, path in addresses(context.port).items():
            contenders = [
                _contender(stage, "nginx", nginx, [_same_bytes(stage, context, path)]),
                _contender(stage, "service", context, [path]),
            ]
            if get(export.port, path).status == 200:
                contenders.append(_contender(stage, "nginx, static export", export, [path]))
            if what == "list" and reference:
                contenders.append(_contender(stage, "reference", reference, [path], connections=COLD))
            samples = _measure(stage, what, contenders)
            found.add_samples(what, samples, [c.name for c in contenders], to="nginx")
            found.figures[f"warm.{what}.ratio"] = ratio(samples, "service", "nginx")
            if "reference" in samples:
                found.figures["warm.list.reference"] = ratio(samples, "service", "reference")
        _measure_known(stage, found, context, nginx)
    return found


def _measure_known(stage: Stage, found: Found, context: Server, nginx: Server) -> None:
    """304s of both, each to its own validator."""
    path = addresses(context.port)["item"]
    contenders = []
    for name, server, asked in (("nginx", nginx, _same_bytes(stage, context, path)), ("service", context, path)):
        etag = get(server.port, asked).headers["etag"]
        if get(server.port, asked, If_None_Match=etag).status != 304:
            raise MeasureFailed(f"{name} gave no 304")
        contenders.append(_contender(stage, name, server, [asked], etag=etag))
    samples = _measure(stage, "304", contenders)
    found.add_samples("item, 304", samples, ["nginx", "service"], to="nginx")
    found.figures["warm.known.ratio"] = ratio(samples, "service", "nginx")


def _same_bytes(stage: Stage, context: Server, path: str) -> str:
    """The address at which nginx gives these bytes, as a plain file."""
    name = "".join(letter if letter.isalnum() else "-" for letter in path)
    (stage.folder / "bytes").mkdir(exist_ok=True)
    (stage.folder / "bytes" / name).write_bytes(get(context.port, path).body)
    return f"/bytes/{name}"


def _reference(stage: Stage, stack: ExitStack, url: str, found: Found) -> Server | None:
    try:
        need_module("bench.reference")
        return stack.enter_context(stage.service(url, application="bench.serving:reference", ready=LIST))
    except PartMissing as error:
        found.notes.append(f"without the reference: {error}")
        return None


def _contender(
    stage: Stage, name: str, server: Server, paths: Sequence[str], *, etag: str | None = None, connections: int = WARM
) -> Contender:
    load = stage.load(connections)
    return Contender(name, partial(take_sample, server.port, paths, load, stage.folder, etag))


def _measure(stage: Stage, what: str, contenders: Sequence[Contender]) -> Samples:
    stage.tell(f"{what}: {', '.join(contender.name for contender in contenders)}")
    return alternate(contenders, stage.rounds, stage.tell)


def measure_cold(stage: Stage) -> Found:
    """The cache turned off: both engines, and the reference on each."""
    found = Found("Cold: cache off, one worker on one core, one connection, 60 moments", READ)
    with ExitStack() as stack:
        servers: dict[str, Server] = {}
        for engine in stage.engines:
            url = stage.database(min(stage.sizes), engine)
            servers[engine] = stack.enter_context(stage.service(url, cache_mb=0))
            reference = _reference(stage, stack, url, found)
            if reference:
                servers[f"reference, {engine}"] = reference
        for what, path in addresses(servers["sqlite"].port).items():
            compared = {n: s for n, s in servers.items() if what == "list" or not n.startswith("reference")}
            contenders = [_contender(stage, n, s, [path], connections=COLD) for n, s in compared.items()]
            samples = _measure(stage, f"cold {what}", contenders)
            found.add_samples(what, samples, list(compared), to="sqlite")
            found.figures[f"cold.{what}.p50"] = middle(samples["sqlite"], "p50")
            if "postgresql" in samples:
                found.figures[f"cold.{what}.postgresql"] = ratio(samples, "postgresql", "sqlite", "p50")
            if "reference, sqlite" in samples:
                found.figures["cold.list.reference"] = ratio(samples, "sqlite", "reference, sqlite")
    return found
