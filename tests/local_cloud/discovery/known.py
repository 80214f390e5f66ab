"""Where the cloud and Google's documents differ for a reason; anything else is a mistake."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A difference: the calls and the place (both patterns), and why it is none of the cloud's mistakes."""

    calls: str
    place: str
    reason: str


KNOWN = (
    Known(
        r"GET /storage/v1/b/[^/]+/anywhereCaches/", r"method\.v1", "the provider writes a slash at the end of the path"
    ),
    Known(
        r"GET /.+",
        r"method\.xml",
        "the XML API, by which Terraform reads its state: https://cloud.google.com/storage/docs/xml-api/get-object-download",
    ),
    Known(
        r"PUT /upload/.+",
        r"query\.upload_id",
        "the address that a resumable upload was given: https://cloud.google.com/storage/docs/performing-resumable-uploads",
    ),
    Known(
        r"POST /compute/.+/setSslCertificates",
        r"request\.serverTlsPolicy",
        "the provider sends it, as null, with the certificates; in the documents the proxy alone has it",
    ),
    Known(
        r"POST /artifactregistry/.+/repositories",
        r"query\.repository_id",
        "the provider writes the parameter as protocol buffers do, which Google's APIs accept as well",
    ),
)


def known(verb: str, path: str, place: str) -> bool:
    """Tell whether a difference is known."""
    return any(re.fullmatch(each.calls, f"{verb} {path}") and re.fullmatch(each.place, place) for each in KNOWN)
