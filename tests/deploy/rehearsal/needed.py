"""Which step fails without a grant: of each one, the first call that no other grant allows.

What comes before that call is allowed without the grant too, and so is as it was. No step tolerates a refusal that it
does not try for, so it fails at this call. `--without` and some steps take a grant away and try.
"""

from dataclasses import dataclass

from tests.local_cloud import LocalCloud
from tests.local_cloud.access.grants import Grant

ACCOUNTS = ("deployer", "planner", "runtime", "build")
ACCOUNT = "serviceAccount:taxiway-{}@rehearsal.iam.gserviceaccount.com"


@dataclass(frozen=True)
class Needed:
    """A grant, and where it is needed first; empty if nowhere."""

    account: str
    grant: Grant
    step: str = ""
    permission: str = ""

    def __str__(self) -> str:
        """Return a row of the table."""
        place = self.grant.resource.rsplit("/", 1)[1].partition("@")[0]
        where = f"{self.step} ({self.permission})" if self.step else "nothing"
        return f"{self.account:<9} {self.grant.role:<43} {place:<24} {where}"


def needed(cloud: LocalCloud) -> list[Needed]:
    """Return all grants of the accounts, by account and role, with the steps that need them."""
    given = [Grant(*each) for each in cloud.policies.given]
    found = [_needed(cloud, account, grant) for grant in given if (account := account_of(grant))]
    return sorted(found, key=lambda each: (ACCOUNTS.index(each.account), each.grant.role, each.grant))


def account_of(grant: Grant) -> str:
    """Return whose grant it is; empty for nobody's here. To act as an account is a role on the account itself."""
    for account in ACCOUNTS:
        name = ACCOUNT.format(account)
        if grant.member == name or grant.resource.endswith(name.removeprefix("serviceAccount")[1:]):
            return account
    return ""


def _needed(cloud: LocalCloud, account: str, grant: Grant) -> Needed:
    for decision in cloud.access.decisions:
        if grant in decision.depends_on:
            return Needed(account, grant, decision.step, decision.need.permission)
    return Needed(account, grant)
