"""The composition root, the only module that may import everything."""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

import structlog
from flask import Flask
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix

from api.cli import Commands
from api.db.database import Database
from api.edge.application import Application
from api.edge.counters import Counters
from api.edge.middleware import CacheMiddleware
from api.http.context import ServiceContext, install_context
from api.http.error_handlers import install_error_handlers
from api.http.query_string import QueryCleaner
from api.http.rate_limits import install_rate_limits
from api.http.request_hooks import install_request_hooks
from api.i18n import Translations
from api.pages.docs import docs
from api.pages.embed import embed
from api.pages.embed_builder import embed_builder
from api.pages.embed_problem import show_problem_page
from api.pages.handout import handout
from api.pages.oembed import oembed
from api.pages.scorm import scorm
from api.pages.static_files import static_files
from api.routes.administration import administration
from api.routes.content import bilingual, content_routes
from api.routes.index import health, index
from api.routes.publication import publication
from api.routes.report import report
from api.routes.resource import resources
from api.routes.search import searching
from api.routes.unit import unit_routes
from api.settings import Settings, read_settings
from api.version import read_version

BLUEPRINTS = (
    (index, None),
    (content_routes, "/v1"),
    (bilingual, "/v1/bilingual"),
    (report, "/v1"),
    (searching, "/v1"),
    (oembed, "/v1"),
    (unit_routes, "/v1"),
    (resources, "/v1"),
    (publication, "/v1"),
    (administration, "/v1"),
    (health, None),
)


def create_app(settings: Settings | None = None, *, is_described: bool = False) -> Flask:
    """Return the whole service as a WSGI application. Raises InvalidSettingError.

    ``is_described`` also builds the OpenAPI description, which only the generator of openapi.yaml needs.
    """
    settings = settings or read_settings()
    _set_up_log(settings.log_level)
    # No static folder: Flask would add a route for it that the API document does not describe.
    app = Flask("api", static_folder=None, template_folder="pages/templates")
    app.config |= {
        "API_TITLE": "Magic Moments",
        "API_VERSION": read_version(),
        "OPENAPI_VERSION": "3.1.0",
        "MAX_CONTENT_LENGTH": settings.max_body_bytes,
        "PROPAGATE_EXCEPTIONS": False,
    }
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    context = ServiceContext(settings, Database(settings), Translations())
    install_context(app, context)
    registry: Flask | Api = Api(app) if is_described else app
    for blueprint, prefix in BLUEPRINTS:
        registry.register_blueprint(blueprint, url_prefix=prefix)
    for pages in (docs, embed, embed_builder, handout, scorm, static_files):
        app.register_blueprint(pages)
    install_request_hooks(app)
    install_rate_limits(app, context)
    install_error_handlers(app, show_problem_page)
    app.extensions |= {"openapi_source": registry, "create_app": create_app}
    app.cli = Commands(app.name)
    _wrap(app, context)
    return app


def _wrap(app: Flask, context: ServiceContext) -> None:
    """Wrap ``app`` in the response cache. Inside the cache, take the client's address from trusted proxies."""
    inner: Any = QueryCleaner(app.wsgi_app)
    if context.settings.trusted_proxies:
        inner = ProxyFix(inner, x_for=context.settings.trusted_proxies, x_proto=0)
    middleware = CacheMiddleware(cast(Application, inner), context, Counters())
    app.wsgi_app = middleware  # type: ignore[method-assign]  # Flask's own way to wrap it
    app.extensions["edge"] = middleware
    if middleware.store.limit:
        context.readiness_checks["cache"] = lambda: (
            middleware.store.check() if middleware.watcher.error is None else middleware.watcher.check()
        )
    if context.database.replica is not None:
        context.readiness_checks["replica"] = context.database.replica.check
    if context.settings.metrics_port:
        from api.edge.metrics import Metrics  # noqa: PLC0415  # prometheus_client is imported only if metrics are served

        app.extensions["metrics"] = Metrics(middleware, context)


def _set_up_log(level: str) -> None:
    """Log one JSON object per line to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
