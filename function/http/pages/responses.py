"""Documents as answers that a browser may keep, may not misread, and may not let reach anything else."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.responses import Response
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

FOLDER = Path(__file__).parent
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SWAGGER = ("swagger-ui.css", "swagger-ui-bundle.js")


def _assets() -> Mapping[str, Path]:
    """Find what the pages load besides themselves, Swagger UI's files in their package, which is not imported."""
    package = find_spec("swagger_ui")
    places = package.submodule_search_locations if package else None
    swagger = [Path(place, "static", name) for place in places or () for name in SWAGGER]
    own = [path for path in FOLDER.iterdir() if path.suffix in TYPES and path.suffix != ".html"]
    return {path.name: path for path in (*own, *swagger)}


ASSETS = _assets()
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""Its own files and nothing else: https://www.w3.org/TR/CSP3/. Text can't become markup by way of a script."""
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI's, which writes markup and styles from its script."""
REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Whoever made the bundle made the report: it may be looked at, and may do nothing."""


def prefers_html(accept: str) -> bool:
    """Tell whether an Accept header would rather have HTML than JSON; a tie is none."""
    offered = ["application/json", "text/html"]
    return parse_accept_header(accept, MIMEAccept).best_match(offered, offered[0]) == "text/html"


def file(name: str, known: str) -> Response:
    """Answer with a page or an asset; `known` is the request's If-None-Match."""
    policy = DOCS_POLICY if name == "docs.html" else PAGE_POLICY
    return _document(_content(name), TYPES[Path(name).suffix], policy, known)


def report(content: bytes, known: str) -> Response:
    """Answer with a bundle's report; `known` is the request's If-None-Match."""
    return _document(content, "text/html", REPORT_POLICY, known)


def _document(content: bytes, media_type: str, policy: str, known: str) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        # Asked for again each time, and then not sent again where it is the same.
        "Cache-Control": "no-cache",
        "ETag": tag,
    }
    if tag in known:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


@cache
def _content(name: str) -> bytes:
    return ASSETS.get(name, FOLDER / name).read_bytes()
