"""The nginx configuration of a static export, and the problem documents that nginx returns with a 404 or 410.

The operator includes ``http.conf`` in the ``http`` block, and ``server.conf`` in a ``server`` block that sets
``$eih_root`` to the export's folder.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from api.cli.static.page import NO_QUERY, RetiredPath
from api.cli.static.walk import SiteWalk
from api.domain.document import to_json
from api.domain.language import Language

# Headers that are the same in all responses of the service.
_COMMON_HEADERS = (
    "X-Content-Type-Options", "Referrer-Policy", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
    "Content-Security-Policy",
)  # fmt: skip
_GONE = "gone"

_HTTP = """# Written by `flask --app wsgi export static`: include it in http.
map_hash_max_size {hash_size};
map_hash_bucket_size 1024;

# The file name is the query, if it can be one: no dot, no slash.
map $args $eih_file {{
    default "-";
    "" "{no_query}";
    "~^[A-Za-z0-9_=&-]+$" $args;
}}
# Only a strict language decides it: otherwise the body says which languages are in it.
map $request_uri $eih_content_language {{
    "~[?&]lang=(?<eih_lang>cy|en)(?!&fallback=allow)(?:&|$)" $eih_lang;
}}
# A URL with the release and the language, or with the release and both languages, never changes.
map $request_uri $eih_cache_control {{
    default "{cache_control}";
    "~^{prefix}/v1/(?:bilingual/[^?]+|translation-status(?:\\.csv)?)\\?(?:.*&)?release=" "{immutable}";
    "~^{prefix}/v1/[^?]+\\?lang=.*&release=" "{immutable}";
}}
map $request_uri $eih_problem_language {{
    default "{default_language}";
    "~[?&]lang=(?<eih_named>cy|en)(?:&|$)" $eih_named;
}}
map $uri $eih_retired {{
{retired}}}
"""

_SERVER = """# Written by `flask --app wsgi export static`: include it in a server.
# That server sets $eih_root to the folder of the export.
root $eih_root/files;
etag on;
if_modified_since off;
log_not_found off;
types {{ }}
default_type application/json;

add_header Cache-Control $eih_cache_control;
add_header Content-Language $eih_content_language;
add_header Last-Modified "";
add_header X-Request-Id $request_id always;
{common_headers}
error_page 404 /_problem/404.$eih_problem_language;
error_page 410 /_problem/410.$eih_problem_language;

{strip}if ($request_method = OPTIONS) {{
    return 204;
}}
location / {{
    if ($eih_retired = {gone}) {{
        return 410;
    }}
    if ($eih_retired) {{
        return 308 {public_url}$eih_retired$is_args$args;
    }}
    try_files $uri/$eih_file =404;
}}
location ~ /$ {{
    return 404;
}}
location = /v1/translation-status.csv {{
    default_type "text/csv; charset=utf-8; header=present";
    try_files $uri/$eih_file =404;
}}
location = /v1/translation-status/badge.svg {{
    default_type image/svg+xml;
    try_files $uri/$eih_file =404;
}}
location = /openapi.yaml {{
    default_type application/yaml;
    try_files $uri/$eih_file =404;
}}
location /_problem/ {{
    internal;
    default_type application/problem+json;
    add_header Cache-Control no-store always;
    add_header Content-Language $eih_problem_language always;
    add_header Last-Modified "" always;
    add_header X-Request-Id $request_id always;
    {common_headers}}}
"""


def write_nginx_files(walk: SiteWalk, folder: Path) -> None:
    """Write ``http.conf`` and ``server.conf`` to ``nginx/`` in ``folder``, and the problem documents to ``files/``."""
    problems, includes = folder / "files" / "_problem", folder / "nginx"
    problems.mkdir()
    for status in (404, 410):
        for language in Language:
            body = to_json(walk.render_problem(status, language))
            (problems / f"{status}.{language}").write_text(body, encoding="utf-8")
    includes.mkdir()
    (includes / "http.conf").write_text(_render_http(walk), encoding="utf-8")
    (includes / "server.conf").write_text(_render_server(walk), encoding="utf-8")


def _render_http(walk: SiteWalk) -> str:
    retired = [_map_entry(path) for path in walk.retired_paths()]
    return _HTTP.format(
        # The hash table of an nginx map needs about twice as many slots as the map has entries.
        hash_size=max(2048, 2 * len(retired)),
        no_query=NO_QUERY,
        cache_control=walk.cache_control(is_immutable=False),
        immutable=walk.cache_control(is_immutable=True),
        default_language=walk.default_language,
        retired="".join(retired),
        # A proxy in front may have removed the path of the public URL.
        prefix=f"(?:{re.escape(path)})?" if (path := urlsplit(walk.public_url).path) else "",
    )


def _map_entry(path: RetiredPath) -> str:
    return f'    "{path.path}" "{path.location or _GONE}";\n'


def _render_server(walk: SiteWalk) -> str:
    headers = walk.fetch("/openapi.json").headers
    common = "".join(f'add_header {name} "{headers[name]}" always;\n' for name in _COMMON_HEADERS)
    path = urlsplit(walk.public_url).path
    strip = f"rewrite ^{re.escape(path)}(/.*)$ $1;\n" if path else ""
    return _SERVER.format(common_headers=common, gone=_GONE, public_url=walk.public_url, strip=strip)
