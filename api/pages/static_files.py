"""Static files: styles and scripts at URLs with a hash of the bytes, the component, and the files of the docs."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from api.http.request_hooks import produces
from api.http.responses import body_response, cache_control, cacheable, make_conditional

static_files = Blueprint("static_files", __name__)
STATIC_FOLDER = Path(__file__).parent / "static"
COMPONENTS = STATIC_FOLDER / "component"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
ONE_DAY = "public, max-age=86400"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file, and the hash of its bytes, which is part of the URL."""

    file: Path
    data: bytes
    hash: str

    @property
    def name(self) -> str:
        """The file's name with the hash in it."""
        return f"{self.file.stem}-{self.hash}{self.file.suffix}"

    @property
    def path(self) -> str:
        """The path of the file's URL. The content at this URL never changes."""
        return f"/embed-{self.hash}.js" if self.file.parent == COMPONENTS else f"/embed/assets/{self.name}"

    @property
    def media_type(self) -> str:
        return _TYPES[self.file.suffix]

    @property
    def integrity(self) -> str:
        """The value of an ``integrity`` attribute (W3C, Subresource Integrity)."""
        return f"sha384-{b64encode(hashlib.sha384(self.data).digest()).decode()}"


def _read(file: Path) -> StaticFile:
    data = file.read_bytes()
    return StaticFile(file, data, hashlib.sha256(data).hexdigest()[:12])


STYLE, SCRIPT = _read(STATIC_FOLDER / "embed.css"), _read(STATIC_FOLDER / "embed-frame.js")
HANDOUT_STYLE = _read(STATIC_FOLDER / "handout.css")
BUILDER_STYLE, BUILDER_SCRIPT = _read(STATIC_FOLDER / "picker.css"), _read(STATIC_FOLDER / "picker.js")
PLAYER_STYLE, PLAYER_SCRIPT = _read(STATIC_FOLDER / "player.css"), _read(STATIC_FOLDER / "player.js")
DOCS_STYLE, DOCS_SCRIPT = _read(STATIC_FOLDER / "docs.css"), _read(STATIC_FOLDER / "docs.js")
_ASSETS = (
    STYLE, SCRIPT, HANDOUT_STYLE, BUILDER_STYLE, BUILDER_SCRIPT, PLAYER_STYLE, PLAYER_SCRIPT, DOCS_STYLE, DOCS_SCRIPT,
)  # fmt: skip
_ASSETS_BY_NAME = {asset.name: asset for asset in _ASSETS}
_ASSETS_BY_FILE = {asset.file.name: asset for asset in _ASSETS}

# Keep every version that was ever released: other sites load a version together with its integrity value.
COMPONENT_VERSIONS = [_read(file) for file in sorted(COMPONENTS.glob("*.js"), key=lambda file: int(file.stem))]
NEWEST_COMPONENT = COMPONENT_VERSIONS[-1]
_COMPONENTS_BY_HASH = {version.hash: version for version in COMPONENT_VERSIONS}


@static_files.route("/embed/assets/<file>")
@produces("*/*")
def get_asset(file: str) -> Response:
    asset = _ASSETS_BY_NAME.get(file)
    if asset is not None:
        return cacheable(_respond(asset), None, is_pinned=True)
    # A page that was cached before an update links to the old file. The current file is better than a 404.
    current = _ASSETS_BY_FILE.get(file.rpartition("-")[0] + Path(file).suffix)
    if current is None:
        raise NotFound
    # Our own cache does not store the response: requests with made-up hashes could fill the cache.
    response = _respond(current)
    response.headers["Cache-Control"] = cache_control(is_immutable=False)
    return make_conditional(response)


@static_files.route("/embed.js")
@produces("text/javascript")
def get_component() -> Response:
    return cacheable(_respond(NEWEST_COMPONENT), None)


@static_files.route("/embed-<mark>.js")
@produces("text/javascript")
def get_component_version(mark: str) -> Response:
    if mark not in _COMPONENTS_BY_HASH:
        raise NotFound
    return cacheable(_respond(_COMPONENTS_BY_HASH[mark]), None, is_pinned=True)


@static_files.route("/static/<path:name>")
@produces("*/*")
def get_static(name: str) -> Response:
    path = safe_join(str(STATIC_FOLDER), name)
    if path is None or not Path(path).is_file():
        raise NotFound
    media_type, _ = guess_type(path)
    # Flask's own response would have an ETag with the file's modification time, which differs between servers.
    response = body_response(Path(path).read_bytes(), media_type or "application/octet-stream")
    return cacheable(response, None, lifetime=ONE_DAY)


def _respond(file: StaticFile) -> Response:
    response = body_response(file.data, file.media_type)
    # Let pages with cross-origin isolation (COEP) load the file too.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
