"""The component ``<magic-moment>``: a script, at the address of the newest and at one that never changes."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from api.http.cache_hints import mark_cacheable
from api.http.read_context import body_response, cache_control, make_conditional
from api.http.request_hooks import produces

component = Blueprint("component", __name__)
FOLDER = Path(__file__).parent / "static" / "component"


@dataclass(frozen=True, slots=True)
class Script:
    """One version of the script: its bytes, the mark in its address, and its integrity (W3C SRI)."""

    data: bytes
    mark: str
    integrity: str

    @property
    def path(self) -> str:
        return f"/embed-{self.mark}.js"


def _read(path: Path) -> Script:
    data = path.read_bytes()
    integrity = b64encode(hashlib.sha384(data).digest()).decode()
    return Script(data, hashlib.sha256(data).hexdigest()[:12], f"sha384-{integrity}")


# Every version that was ever released stays: other sites name it together with its sum.
SCRIPTS = [_read(path) for path in sorted(FOLDER.glob("*.js"), key=lambda path: int(path.stem))]
NEWEST = SCRIPTS[-1]
_BY_MARK = {script.mark: script for script in SCRIPTS}


@component.route("/embed.js")
@produces("text/javascript")
def get_component() -> Response:
    return _answer(NEWEST, is_immutable=False)


@component.route("/embed-<mark>.js")
@produces("text/javascript")
def get_component_version(mark: str) -> Response:
    if mark not in _BY_MARK:
        raise NotFound
    return _answer(_BY_MARK[mark], is_immutable=True)


def _answer(script: Script, *, is_immutable: bool) -> Response:
    response = body_response(script.data, "text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = cache_control(is_immutable)
    # A page that isolates itself (COEP) may load it too.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    mark_cacheable(None)
    return make_conditional(response)
