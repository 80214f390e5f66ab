"""function/live/bucket.py and credentials.py: tokens, certificates and proxies."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from function.live.bucket import ObjectReader
from function.live.credentials import (
    LEFT_SECONDS,
    DefaultCredentials,
    NotAuthorized,
    OwnAccount,
    authorization,
)

Respond = Callable[[BaseHTTPRequestHandler], tuple[int, bytes]]
METADATA = json.dumps({"generation": "7", "size": "3"}).encode()


@contextmanager
def serving(respond: Respond, certificate: Path | None = None) -> Iterator[str]:
    """Serve on a free port of this machine; return its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = respond(self)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 (the name that the base class looks for)

        def do_CONNECT(self) -> None:
            self.send_error(*respond(self)[:1])

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody else has signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = tmp_path / "certificate.pem"
    path.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return path


def test_only_a_known_certificate_is_trusted(certificate: Path) -> None:
    """The usual authorities, or those in the file that REQUESTS_CA_BUNDLE names."""
    with serving(lambda asked: (200, METADATA), certificate) as address:
        environment = {"STORAGE_EMULATOR_HOST": f"https://{address}"}
        with pytest.raises(ssl.SSLCertVerificationError):
            ObjectReader("bucket", "object", environment).metadata(6)
        environment["REQUESTS_CA_BUNDLE"] = str(certificate)
        found = ObjectReader("bucket", "object", environment).metadata(6)
        assert found is not None
        assert (found.generation, found.size) == ("7", "3")


def test_a_proxy_is_asked_for_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the user of its address."""
    asked: list[tuple[str, str, str | None]] = []

    def respond(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        asked.append((request.command, request.path, request.headers["Proxy-Authorization"]))
        return 403, b""

    with serving(respond) as address:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:word@{address}")
        monkeypatch.delenv("https_proxy", raising=False)
        with pytest.raises(OSError, match="403"):
            ObjectReader("bucket", "object", {"STORAGE_EMULATOR_HOST": "https://bucket.test"}).metadata(6)
    assert set(asked) == {("CONNECT", "bucket.test:443", "Basic bWU6d29yZA==")}


def test_a_function_asks_the_metadata_server_once_for_a_token() -> None:
    """And again when less time than LEFT_SECONDS is left."""
    asked, lifetimes = [], iter([LEFT_SECONDS + 3600, 3600.0])

    def respond(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        asked.append((request.path, request.headers["Metadata-Flavor"]))
        return 200, json.dumps({"access_token": f"token-{len(asked)}", "expires_in": next(lifetimes)}).encode()

    with serving(respond) as address:
        authorize = authorization({"K_SERVICE": "predict", "GCE_METADATA_HOST": address})
        assert [authorize(), authorize()] == [{"Authorization": "Bearer token-1"}] * 2
        assert asked == [("/computeMetadata/v1/instance/service-accounts/default/token", "Google")]


def test_a_token_that_expires_soon_is_replaced() -> None:
    """Before Cloud Storage refuses it."""
    lifetimes = iter([LEFT_SECONDS - 1, LEFT_SECONDS + 3600])
    with serving(lambda _: (200, json.dumps({"access_token": "a", "expires_in": next(lifetimes)}).encode())) as address:
        authorize = OwnAccount(address)
        for _ in range(3):
            authorize()
    assert next(lifetimes, None) is None


def test_a_metadata_server_that_is_not_up_yet_is_asked_again() -> None:
    """A start does not fail because of it."""
    responses = iter([(503, b""), (200, json.dumps({"access_token": "a", "expires_in": 3600}).encode())])
    with serving(lambda _: next(responses)) as address:
        assert OwnAccount(address)() == {"Authorization": "Bearer a"}


@pytest.mark.parametrize("response", [(404, b"no account"), (500, b""), (200, b"{}")])
def test_no_token_is_no_authorization(response: tuple[int, bytes]) -> None:
    """Whatever the metadata server says; and if there is none."""
    with serving(lambda _: response) as address:
        authorize = OwnAccount(address)
        with pytest.raises(NotAuthorized):
            authorize()
    with pytest.raises(NotAuthorized):
        authorize()


def test_elsewhere_the_credentials_are_those_that_google_auth_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a function that has a file of credentials; a file that is none is no authorization."""
    path = tmp_path / "credentials.json"
    path.write_text("{}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    for environment in ({}, {"K_SERVICE": "predict", "GOOGLE_APPLICATION_CREDENTIALS": str(path)}):
        authorize = authorization(environment)
        assert isinstance(authorize, DefaultCredentials)
        with pytest.raises(NotAuthorized):
            authorize()


def test_the_credentials_of_a_file_authorize_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account's key is exchanged for a token, at the address that its file names."""
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    token = json.dumps({"access_token": "a", "expires_in": 3600, "token_type": "Bearer"}).encode()
    with serving(lambda _: (200, token)) as address:
        account = {"type": "service_account", "client_email": "a@b", "private_key": key.decode()}
        path = tmp_path / "credentials.json"
        path.write_text(json.dumps({**account, "token_uri": f"http://{address}/token"}))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        assert DefaultCredentials()()["authorization"] == "Bearer a"
