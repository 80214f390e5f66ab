"""Define the command line `taxiway COMMAND`; each command is a file of the same name in `commands/`."""

from pathlib import Path
from typing import Annotated

import typer

from model_training.commands import export, init, pack, publish, rollback, score, smoke, status, train, tune, versions
from model_training.commands.support.config import use_config

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)


@app.callback()
def configure(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            envvar="TAXIWAY_CONFIG",
            help="File with defaults of the options; taxiway.toml in the current folder, if there is one.",
        ),
    ] = None,
) -> None:
    """Train, publish and monitor the models that the function serves."""
    if context.invoked_subcommand != "init":
        use_config(context, config)


app.command("init")(init.init)
app.command("train")(train.train)
app.command("tune")(tune.tune)
app.command("pack")(pack.pack)
app.command("score")(score.score)
app.command("export")(export.export)
app.command("publish")(publish.publish)
app.command("versions")(versions.versions)
app.command("rollback")(rollback.rollback)
app.command("status")(status.status)
app.command("smoke")(smoke.smoke)


def main() -> None:
    """Run the command that the arguments give."""
    app(prog_name="taxiway")


if __name__ == "__main__":
    main()
