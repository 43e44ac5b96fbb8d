"""The embed pages' own styles and scripts, each at an address that changes with its bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from api.http.cache_hints import mark_cacheable
from api.http.read_context import body_response, cache_control, make_conditional
from api.http.request_hooks import produces

assets = Blueprint("assets", __name__)
_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that every embed page uses; ``name`` has a hash of its bytes in it."""

    name: str
    data: bytes
    media_type: str

    @property
    def path(self) -> str:
        return f"/embed/assets/{self.name}"


def _read(file: str) -> Asset:
    path = _FOLDER / file
    data = path.read_bytes()
    name = f"{path.stem}-{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}"
    return Asset(name, data, _TYPES[path.suffix])


STYLE, SCRIPT = _read("embed.css"), _read("embed-frame.js")
HANDOUT_STYLE, PICKER_STYLE, PICKER_SCRIPT = _read("handout.css"), _read("picker.css"), _read("picker.js")
PLAYER_STYLE, PLAYER_SCRIPT = _read("player.css"), _read("player.js")
_ALL = (PLAYER_STYLE, PLAYER_SCRIPT, STYLE, SCRIPT, HANDOUT_STYLE, PICKER_STYLE, PICKER_SCRIPT)
_BY_NAME = {asset.name: asset for asset in _ALL}
_BY_FILE = {asset.name.rpartition("-")[0] + Path(asset.name).suffix: asset for asset in _ALL}


@assets.route("/embed/assets/<file>")
@produces("*/*")
def get_asset(file: str) -> Response:
    asset = _BY_NAME.get(file)
    # A page that was kept from before an update asks for the file as it was then: today's fits it better than none.
    current = asset or _BY_FILE.get(file.rpartition("-")[0] + Path(file).suffix)
    if current is None:
        raise NotFound
    response = body_response(current.data, current.media_type)
    response.headers["Cache-Control"] = cache_control(is_immutable=asset is not None)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if asset is not None:
        mark_cacheable(None)
    return make_conditional(response)
