"""Read a model file from a path or a bucket."""

from model_training.commands.support.console import fail


def read_model_file(uri: str, name: str) -> tuple[bytes, int | None]:
    """Read a model file; return its bytes and its generation, which is None for a path.

    Args:
        uri: a path, or gs://BUCKET/OBJECT.
        name: the name of the option or argument, for the error.

    Raises:
        Unreachable: there is no such file, or it cannot be read.
    """
    from function.live.source import open_source

    try:
        source = open_source(uri)
    except ValueError as error:
        fail(f"{name}: {error}.")
    found = source.find()
    return source.read(found), found.generation
