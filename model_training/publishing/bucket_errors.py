"""What goes wrong with a bucket, in sentences for the person who typed the command."""

from collections.abc import Iterator
from contextlib import contextmanager


class BucketProblem(Exception):
    """What was asked of the bucket was not done; `str(error)` is a sentence that says why."""


class Outrun(BucketProblem):
    """The live generation is another one than was looked at: somebody else published meanwhile."""


class Gone(BucketProblem):
    """A generation that was there is not kept any more."""


@contextmanager
def failures(uri: str) -> Iterator[None]:
    """Put the libraries' failures into a sentence for the person who typed the command."""
    from google.api_core.exceptions import GoogleAPICallError, NotFound, RetryError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
    from requests.exceptions import RequestException

    try:
        yield
    except NotFound:
        raise BucketProblem(f"{uri}: there is no such bucket, or you may not see it.") from None
    except GoogleAPICallError as error:
        raise BucketProblem(f"{uri}: the bucket answered {error.code}: {error.message}") from error
    except GoogleAuthError as error:
        advice = "run `gcloud auth application-default login`"
        raise BucketProblem(f"{uri}: no credentials, or they are refused; {advice}.") from error
    except (RequestException, RetryError, DataCorruption, InvalidResponse, OSError) as error:
        raise BucketProblem(f"{uri}: the bucket did not answer: {type(error).__name__}.") from error
