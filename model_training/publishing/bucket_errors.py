"""Convert errors of the Cloud Storage client library to messages for the user of a command."""

from collections.abc import Iterator
from contextlib import contextmanager


class BucketError(Exception):
    """A request to the bucket failed; `str(error)` is the message for the user, a full sentence."""


class ConcurrentPublish(BucketError):
    """Somebody else published after the live generation was compared, so the precondition failed."""


class GenerationDeleted(BucketError):
    """The bucket no longer has a generation that it listed."""


@contextmanager
def bucket_errors(uri: str) -> Iterator[None]:
    """Convert errors of the client libraries to BucketError."""
    from google.api_core.exceptions import GoogleAPICallError, NotFound, RetryError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
    from requests.exceptions import RequestException

    try:
        yield
    except NotFound:
        raise BucketError(f"{uri}: the bucket does not exist, or you have no permission to read it.") from None
    except GoogleAPICallError as error:
        raise BucketError(f"{uri}: Cloud Storage responded with status {error.code}: {error.message}") from error
    except GoogleAuthError as error:
        advice = "run `gcloud auth application-default login`"
        raise BucketError(f"{uri}: Google Cloud credentials are missing or were rejected: {advice}.") from error
    except (RequestException, RetryError, DataCorruption, InvalidResponse, OSError) as error:
        raise BucketError(f"{uri}: no valid response from Cloud Storage: {type(error).__name__}.") from error
