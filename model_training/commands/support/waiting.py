"""Wait until a function serves a version, and show the progress."""

from model_training.commands.support.console import fail, say, step


def wait_for_version(url: str, version: str, generation: int, seconds: float) -> None:
    """Wait until a function serves a version; end the command with exit code 1 if it does not in time."""
    from model_training.publishing.waiting import NotServed, wait_until_served

    description = f"Waiting until {url} serves {version}"
    try:
        with step(description) as show:
            took = wait_until_served(url, version, generation, seconds, lambda text: show(f"{description}: {text}"))
    except NotServed as error:
        fail(f"{error}.")
    say(f"{url} serves {version} after {took:.1f} s.")
