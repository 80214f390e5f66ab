"""Wait until a function serves a version, and show the progress."""

from model_training.commands.support.console import fail, say, step


def wait_for_version(url: str, version: str, generation: int, seconds: float) -> None:
    """Wait until a function serves a version; end the command with exit code 1 if it does not in time."""
    from model_training.publishing.waiting import NotServed

    try:
        show_waiting(url, version, generation, seconds)
    except NotServed as error:
        fail(f"{error}.")


def show_waiting(url: str, version: str, generation: int, seconds: float) -> None:
    """Wait until a function serves a version, and show the progress.

    Raises:
        NotServed: the function refuses the generation, or the time limit is over.
    """
    from model_training.publishing.waiting import wait_until_served

    description = f"Waiting until {url} serves {version}"
    with step(description) as show:
        took = wait_until_served(url, version, generation, seconds, lambda text: show(f"{description}: {text}"))
    say(f"{url} serves {version} after {took:.1f} s.")
