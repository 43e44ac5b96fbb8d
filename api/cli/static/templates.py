"""The two files that nginx includes, with places for what one export fills in."""

from __future__ import annotations

HTTP = """# Made by `flask --app wsgi export static`: include it in http.
map_hash_max_size {size};
map_hash_bucket_size 1024;

{languages}
# Of a query, what can be the name of a file: no dot, no slash.
map $args $eih_args {{
    default "-";
    "" "";
    "~^[A-Za-z0-9_=&-]+$" $args;
}}
map $eih_class $eih_prefix {{
{prefixes}}}
map $eih_uri $eih_form {{
    default "plain";
    "~/$" "none";
    "/v1/translation-status/badge.svg" "badge";
    "~^/v1/(?:translation-status(?:\\.csv)?|bilingual/.*)$" "report";
    "~^/v1/(?:{plurals})(?:/|$)" "worded";
}}
# The file of an address is named by its query, as the service spells it.
map "$eih_form:$eih_args" $eih_name {{
    default "-";
    "plain:" "_";
    "report:" "{bare}";
    "badge:" "lang=$eih_language{tail}";
    "worded:" "$eih_prefix{tail}";
    "~^worded:(?<eih_asked>(?:.*&)?lang=.*)$" $eih_asked;
    "~^worded:(?<eih_asked>(?:.*&)?release=.*)$" "$eih_prefix&$eih_asked";
    "~^worded:(?<eih_asked>.+)$" "$eih_prefix&$eih_asked{tail}";
    "~^(?:plain|report|badge):(?<eih_asked>.+)$" $eih_asked;
}}
# Where the files are: of a second slug, those of the first.
map $eih_uri $eih_path {{
    default $eih_uri;
    @aliases@
}}
map "$eih_path?$eih_name" $eih_at {{
    default "$eih_path?$eih_name";
    "~^(?<eih_bare>.*)\\?_$" "$eih_bare?";
}}
map $eih_at $eih_link {{
    @links@
}}
map $eih_at $eih_content_language {{
    default $eih_usual_language;
    @languages@
}}
map $eih_at $eih_usual_language {{
    "~[?&]lang=(?<eih_named>cy|en)(?:&|$)" $eih_named;
    "~^/v1/bilingual/" "cy, en";
    "/v1?" "cy, en";
}}
map "$eih_form:$eih_args" $eih_open {{
    "~^(?:worded|badge):(?!(?:.*&)?lang=)" "1";
}}
map $eih_open $eih_vary {{
    "1" "Accept-Language";
}}
map $eih_open $eih_content_location {{
    "1" "{public_url}$eih_at";
}}
map "$eih_uri?$eih_args" $eih_cache_control {{
    default "{default}";
    "~^/v1/bilingual/.*[?&]release=" "{immutable}";
    "~^/v1/translation-status(?:\\.csv)?\\?(?:.*&)?release=" "{immutable}";
    "~^/v1/(?!changes)[^?]*\\?(?=(?:.*&)?lang=)(?=(?:.*&)?release=)" "{immutable}";
}}
map $eih_uri $eih_moved {{
    @moved@
}}
map $eih_uri $eih_gone {{
    @gone@
}}
"""

SERVER = """# Made by `flask --app wsgi export static`: include it in a server that sets $eih_root to FOLDER.
set $eih_uri $uri;
etag on;
if_modified_since off;
log_not_found off;
types {{ }}
default_type application/json;

add_header Cache-Control $eih_cache_control;
add_header Content-Language $eih_content_language;
add_header Content-Location $eih_content_location;
add_header Vary $eih_vary;
add_header Link $eih_link;
add_header Last-Modified "";
add_header X-Request-Id $request_id always;
{constant}
if ($request_method = OPTIONS) {{
    return 204;
}}
error_page 404 /_problem/404.$eih_language;
error_page 410 /_problem/410.$eih_language;

root $eih_root/files$eih_path;
location = /openapi.json {{
    rewrite ^ /_ break;
}}
location = /v1 {{
    rewrite ^ /$eih_name break;
}}
location /v1/ {{
    if ($eih_gone) {{
        return 410;
    }}
    if ($eih_moved) {{
        return 308 {public_url}$eih_moved$is_args$args;
    }}
    rewrite ^ /$eih_name break;
}}
location = /v1/translation-status.csv {{
    default_type "text/csv; charset=utf-8; header=present";
    rewrite ^ /$eih_name break;
}}
location = /v1/translation-status/badge.svg {{
    default_type "image/svg+xml";
    rewrite ^ /$eih_name break;
}}
location /_problem/ {{
    internal;
    root $eih_root/files;
    default_type application/problem+json;
    add_header Cache-Control "no-store" always;
    add_header Content-Language $eih_language always;
    add_header Vary "Accept-Language" always;
    add_header Last-Modified "" always;
    add_header X-Request-Id $request_id always;
{again}}}
"""
