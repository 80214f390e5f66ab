"""Define the command line `taxiway COMMAND`; each command is a file of the same name in `commands/`."""

import typer

from model_training.commands import pack, publish, rollback, score, smoke, status, train, tune, versions

app = typer.Typer(
    help="Train, publish and monitor the models that the function serves.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.command("train")(train.train)
app.command("tune")(tune.tune)
app.command("pack")(pack.pack)
app.command("score")(score.score)
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
