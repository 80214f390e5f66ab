"""What the cloud refuses, in the shape of Google's REST APIs."""

from typing import Any

REASONS = {
    304: "notModified",
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    405: "methodNotAllowed",
    408: "uploadBrokenConnection",
    409: "conflict",
    412: "conditionNotMet",
    416: "requestedRangeNotSatisfiable",
    429: "rateLimitExceeded",
    501: "notImplemented",
    503: "backendError",
}


WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    501: "UNIMPLEMENTED",
}


class CloudError(Exception):
    """An answer other than success: its HTTP status and a message for the caller."""

    def __init__(self, status: int, message: str) -> None:
        """Take the reason, Google's one word for the status, from the table above."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = REASONS.get(status, "internalError")

    def resource(self) -> dict[str, Any]:
        """Return the error as the JSON that Google answers."""
        detail = {"domain": "global", "reason": self.reason, "message": self.message}
        return {"error": {"code": self.status, "message": self.message, "errors": [detail]}}


class CodedError(CloudError):
    """An error of the APIs other than Cloud Storage, which name the status in a word as well."""

    def resource(self) -> dict[str, Any]:
        """Return the error as the JSON that Google answers."""
        resource = super().resource()
        resource["error"]["status"] = WORDS.get(self.status, "UNKNOWN")
        return resource
