"""Reads with 60 moments: the cache compared with nginx, the service with the reference, SQLite with PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from bench.client import get, take_sample
from bench.measure import Contender, MeasurementError, Samples, alternate, median_of, ratio
from bench.parts.result import READ_COLUMNS, PartResult
from bench.stage import MissingPartError, Server, Stage, require_module, require_setting

LIST = "/v1/moments?lang=cy"
SEARCH = "/v1/search?q=plentyn&lang=cy"
# The numbers of connections. Warm reads: enough to keep a worker busy. Cold reads: one, since latency is compared.
WARM, COLD = 32, 1
# Content codings, and an Accept-Encoding header that leads to each. The first is that of browsers.
CODINGS = {"br": "gzip, deflate, br, zstd", "gzip": "gzip, deflate"}


def list_paths(port: int) -> dict[str, str]:
    """Return the paths to read, by name. The item is from the middle of the first list."""
    item = get(port, LIST).json["items"][9]["slug"]
    paths = {
        "item": f"/v1/moments/{item}?lang=cy",
        "list": LIST,
        "list of 100": f"{LIST}&limit=100",
        "bilingual item": f"/v1/bilingual/moments/{item}",
        "bilingual list": "/v1/bilingual/moments",
    }
    return paths | ({"search": SEARCH} if get(port, SEARCH).status == 200 else {})


def measure_warm(stage: Stage) -> PartResult:
    """Compare the cache with nginx serving the same bytes, and with the reference."""
    require_setting("cache_mb")
    result = PartResult("Warm: one worker on one core, 32 connections, 60 moments, SQLite", READ_COLUMNS)
    url = stage.database(min(stage.sizes))
    with ExitStack() as stack:
        context = stack.enter_context(stage.service(url))
        nginx, export = stack.enter_context(stage.nginx(min(stage.sizes)))
        reference = _reference(stage, stack, url, result)
        for what, path in list_paths(context.port).items():
            contenders = [
                _contender(stage, "nginx", nginx, [_same_bytes(stage, context, path)]),
                _contender(stage, "service", context, [path]),
            ]
            if get(export.port, path).status == 200:
                contenders.append(_contender(stage, "nginx, static export", export, [path]))
            if what == "list" and reference:
                contenders.append(_contender(stage, "reference", reference, [path], connections=COLD))
            samples = _measure(stage, what, contenders)
            result.add_samples(what, samples, [c.name for c in contenders], to="nginx")
            result.figures[f"warm.{what}.ratio"] = ratio(samples, "service", "nginx")
            if "reference" in samples:
                result.figures["warm.list.reference"] = ratio(samples, "service", "reference")
        _measure_304(stage, result, context, nginx)
        _measure_compressed(stage, result, context)
    return result


def _measure_compressed(stage: Stage, result: PartResult, context: Server) -> None:
    """Compare compressed responses with the same responses as they are, on one server."""
    paths = list_paths(context.port)
    for what in ("item", "list", "list of 100"):
        path = paths[what]
        contenders = [_contender(stage, "service", context, [path])]
        sizes = [f"{what}: {len(get(context.port, path).body):,} bytes"]
        for coding, accepted in CODINGS.items():
            response = get(context.port, path, Accept_Encoding=accepted)
            if response.headers.get("content-encoding") != coding:
                raise MeasurementError(f"the response is not compressed with {coding}")
            sizes.append(f"{len(response.body):,} with {coding}")
            contenders.append(
                _contender(stage, f"service, {coding}", context, [path], headers={"Accept-Encoding": accepted})
            )
        samples = _measure(stage, f"{what}, compressed", contenders)
        result.add_samples(f"{what}, compressed", samples, [c.name for c in contenders], to="service")
        result.notes.append(", ".join(sizes))
        result.figures[f"warm.{what}.compressed"] = ratio(samples, "service, br", "service")


def _measure_304(stage: Stage, result: PartResult, context: Server, nginx: Server) -> None:
    """Compare 304 responses. Each server gets its own ETag in the request."""
    path = list_paths(context.port)["item"]
    contenders = []
    for name, server, url in (("nginx", nginx, _same_bytes(stage, context, path)), ("service", context, path)):
        etag = get(server.port, url).headers["etag"]
        if get(server.port, url, If_None_Match=etag).status != 304:
            raise MeasurementError(f"{name} did not respond with a 304")
        contenders.append(_contender(stage, name, server, [url], headers={"If-None-Match": etag}))
    samples = _measure(stage, "304", contenders)
    result.add_samples("item, 304", samples, ["nginx", "service"], to="nginx")
    result.figures["warm.known.ratio"] = ratio(samples, "service", "nginx")


def _same_bytes(stage: Stage, context: Server, path: str) -> str:
    """Write the response to a plain file, and return the path at which nginx serves it."""
    name = "".join(character if character.isalnum() else "-" for character in path)
    (stage.folder / "bytes").mkdir(exist_ok=True)
    (stage.folder / "bytes" / name).write_bytes(get(context.port, path).body)
    return f"/bytes/{name}"


def _reference(stage: Stage, stack: ExitStack, url: str, result: PartResult) -> Server | None:
    try:
        require_module("bench.reference")
        return stack.enter_context(stage.service(url, application="bench.serving:reference", ready=LIST))
    except MissingPartError as error:
        result.notes.append(f"without the reference: {error}")
        return None


def _contender(
    stage: Stage,
    name: str,
    server: Server,
    paths: Sequence[str],
    *,
    headers: Mapping[str, str] | None = None,
    connections: int = WARM,
) -> Contender:
    load = stage.load(connections)
    return Contender(name, partial(take_sample, server.port, paths, load, stage.folder, headers))


def _measure(stage: Stage, what: str, contenders: Sequence[Contender]) -> Samples:
    stage.report(f"{what}: {', '.join(contender.name for contender in contenders)}")
    return alternate(contenders, stage.rounds, stage.report)


def measure_cold(stage: Stage) -> PartResult:
    """Compare the databases with the cache turned off. On each database, compare the service with the reference."""
    result = PartResult("Cold: cache off, one worker on one core, one connection, 60 moments", READ_COLUMNS)
    with ExitStack() as stack:
        servers: dict[str, Server] = {}
        for engine in stage.engines:
            url = stage.database(min(stage.sizes), engine)
            servers[engine] = stack.enter_context(stage.service(url, cache_mb=0))
            reference = _reference(stage, stack, url, result)
            if reference:
                servers[f"reference, {engine}"] = reference
        for what, path in list_paths(servers["sqlite"].port).items():
            compared = {name: s for name, s in servers.items() if what == "list" or not name.startswith("reference")}
            contenders = [_contender(stage, name, s, [path], connections=COLD) for name, s in compared.items()]
            samples = _measure(stage, f"cold {what}", contenders)
            result.add_samples(what, samples, list(compared), to="sqlite")
            result.figures[f"cold.{what}.p50"] = median_of(samples["sqlite"], "p50")
            if "postgresql" in samples:
                result.figures[f"cold.{what}.postgresql"] = ratio(samples, "postgresql", "sqlite", "p50")
            if "reference, sqlite" in samples:
                result.figures["cold.list.reference"] = ratio(samples, "sqlite", "reference, sqlite")
    return result
