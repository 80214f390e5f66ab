"""`python -m tests.deploy.rehearsal`: each step with its time, and exit code 3 without a provider."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from tests.deploy.rehearsal import everywhere as all_over
from tests.deploy.rehearsal import steps as single
from tests.deploy.rehearsal.needed import account_of
from tests.deploy.rehearsal.rehearsal import Rehearsal
from tests.deploy.rehearsal.running import take
from tests.deploy.terraform_command import Unavailable
from tests.local_cloud import LocalCloud

UNAVAILABLE = 3


def rehearse(
    model: Annotated[Path, typer.Argument(help="The model to publish.", exists=True)] = Path("build/flights/model.zip"),
    *,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Several regions behind a load balancer, with BigQuery.")
    ] = False,
    without: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ACCOUNT ROLE", help="Count a grant as never given, such as deployer roles/run.admin."),
    ] = None,
) -> None:
    """Deploy to a cloud on this machine, publish, change, break, destroy; nothing leaves the machine.

    The cloud is strict: IAM decides each call, and a call or a response that is not as Google's documents describe it
    fails its step. At the end comes a table of the grants: which step fails without each.

    It needs Terraform and the google provider, as `terraform init` finds it: from the registry, or
    from where the file that TF_CLI_CONFIG_FILE names says. Exits 1 where a step fails, 3 where
    there is no provider.
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder, LocalCloud(strict=True) as cloud:
        typer.echo(f"The local cloud is at {cloud.url}; Terraform works in {folder}.")
        try:
            steps = all_over.STEPS if everywhere else single.STEPS
            rehearsal = Rehearsal(cloud, Path(folder), model.absolute())
            if without:
                cloud.access.grants.without = lambda grant: (account_of(grant), grant.role) == without
            _run(rehearsal, steps)
        except Unavailable as error:
            typer.echo(f"\nNot rehearsed: {error}.", err=True)
            sys.exit(UNAVAILABLE)
        except AssertionError as error:
            typer.echo(f"\nThis went wrong:\n{error}", err=True)
            sys.exit(1)
    typer.echo(f"\nWhat fails without each grant:\n{rehearsal.noted['needed']}\n")
    typer.echo(f"All of it took {time.monotonic() - start:.0f} s.")


def _run(rehearsal: Rehearsal, steps: single.Steps) -> None:
    for number, (name, step) in enumerate(steps, 1):
        typer.echo(f"{number:2}/{len(steps)}  {name:<54}", nl=False)
        sys.stdout.flush()
        start = time.monotonic()
        seen = take(rehearsal, name, step)
        typer.echo(f"{time.monotonic() - start:6.1f} s  {seen}")


typer.run(rehearse)
