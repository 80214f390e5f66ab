"""`python -m tests.deploy.rehearsal`: each step with its time, and exit code 3 without a provider."""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tests.deploy.rehearsal import environments as two
from tests.deploy.rehearsal import everywhere as all_over
from tests.deploy.rehearsal import steps as single
from tests.deploy.rehearsal.needed import account_of
from tests.deploy.rehearsal.rehearsal import Rehearsal
from tests.deploy.rehearsal.running import AnyWorld, take
from tests.deploy.terraform_command import Unavailable
from tests.local_cloud import LocalCloud

UNAVAILABLE = 3


def rehearse(
    model: Annotated[Path, typer.Argument(help="The model to publish.", exists=True)] = Path("build/flights/model.zip"),
    *,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Several regions behind a load balancer, with BigQuery.")
    ] = False,
    environments: Annotated[
        bool, typer.Option("--environments", help="Staging and production, in two projects.")
    ] = False,
    without: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ACCOUNT ROLE", help="Count a grant as never given, such as deployer roles/run.admin."),
    ] = None,
) -> None:
    """Deploy to a cloud on this machine, publish, change, break, destroy; nothing leaves the machine.

    The cloud is strict: IAM decides each call, and a call or a response that is not as Google's documents describe it
    fails its step. At the end of one project's rehearsal comes a table of the grants: which step fails without each.

    It needs Terraform and the google provider, as `terraform init` finds it: from the registry, or
    from where the file that TF_CLI_CONFIG_FILE names says. Exits 1 where a step fails, 3 where
    there is no provider.
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        typer.echo(f"Terraform works in {folder}.")
        try:
            if environments:
                with two.prepared(Path(folder), model.absolute()) as both:
                    _run(both, two.STEPS)
            else:
                _rehearse_project(
                    Path(folder), model.absolute(), all_over.STEPS if everywhere else single.STEPS, without
                )
        except Unavailable as error:
            typer.echo(f"\nNot rehearsed: {error}.", err=True)
            sys.exit(UNAVAILABLE)
        except AssertionError as error:
            typer.echo(f"\nThis went wrong:\n{error}", err=True)
            sys.exit(1)
    typer.echo(f"\nAll of it took {time.monotonic() - start:.0f} s.")


def _rehearse_project(folder: Path, model: Path, steps: single.Steps, without: tuple[str, str] | None) -> None:
    with LocalCloud(strict=True) as cloud:
        rehearsal = Rehearsal(cloud, folder, model)
        if without:
            cloud.access.grants.without = lambda grant: (account_of(grant), grant.role) == without
        _run(rehearsal, steps)
    typer.echo(f"\nWhat fails without each grant:\n{rehearsal.noted['needed']}")


def _run(world: AnyWorld, steps: Sequence[tuple[str, Callable[[AnyWorld], str]]]) -> None:
    for number, (name, step) in enumerate(steps, 1):
        typer.echo(f"{number:2}/{len(steps)}  {name:<54}", nl=False)
        sys.stdout.flush()
        start = time.monotonic()
        seen = take(world, name, step)
        typer.echo(f"{time.monotonic() - start:6.1f} s  {seen}")


typer.run(rehearse)
