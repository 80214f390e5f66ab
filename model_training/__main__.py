"""The command line: `python -m model_training COMMAND`; a command is the file of its name."""

import typer

from model_training import publish, train

app = typer.Typer(
    help="Train, publish and look after the models that the function serves.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
app.command("train")(train.train)
app.command("publish")(publish.publish)

if __name__ == "__main__":
    app(prog_name="python -m model_training")
