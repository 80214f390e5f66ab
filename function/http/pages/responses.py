"""Responses that send pages and assets to a browser: cached by ETag, never sniffed, restricted by a policy."""

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


PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""Content Security Policy of the pages: only files of this service, and no markup from text by a script.

https://www.w3.org/TR/CSP3/
"""
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content Security Policy of `/docs`: Swagger UI's script creates markup, and loads images from data URLs."""
REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Content Security Policy of the report: it comes with the model file, so it may run no script and load nothing."""


@cache
def assets() -> Mapping[str, Path]:
    """Find the files that pages load, by their paths: our own, and Swagger UI's, whose package is not imported."""
    package = find_spec("swagger_ui")
    places = package.submodule_search_locations if package else None
    swagger = [Path(place, "static", name) for place in places or () for name in SWAGGER]
    own = [path for path in FOLDER.rglob("*") if path.suffix in TYPES and path.suffix != ".html"]
    return {path.relative_to(FOLDER).as_posix(): path for path in own} | {path.name: path for path in swagger}


def prefers_html(accept: str) -> bool:
    """Return whether an Accept header prefers HTML to JSON; JSON is the default."""
    offered = ["application/json", "text/html"]
    return parse_accept_header(accept, MIMEAccept).best_match(offered, offered[0]) == "text/html"


def file_response(name: str, known: str) -> Response:
    """Create the response that sends a page or an asset; `known` is the request's If-None-Match."""
    policy = DOCS_POLICY if name == "docs.html" else PAGE_POLICY
    content, sha256 = _content(name)
    return _document(content, sha256, TYPES[Path(name).suffix], policy, known)


def report_response(content: bytes, sha256: str, known: str) -> Response:
    """Create the response that sends a bundle's report; `known` is the request's If-None-Match."""
    return _document(content, sha256, "text/html", REPORT_POLICY, known)


def _document(content: bytes, sha256: str, media_type: str, policy: str, known: str) -> Response:
    tag = f'"{sha256[:32]}"'
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        # The browser asks each time, and gets the content only if it has changed.
        "Cache-Control": "no-cache",
        "ETag": tag,
    }
    if tag in known:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


@cache
def _content(name: str) -> tuple[bytes, str]:
    """Return the content of a file, and its sha256."""
    content = assets().get(name, FOLDER / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()
