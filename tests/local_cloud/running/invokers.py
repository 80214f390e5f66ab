"""Who may call a function: the IAM policy of its service in Cloud Run decides."""

from tests.local_cloud.policies import Policies

INVOKER = "roles/run.invoker"


def admitted(policies: Policies, service: str, authorization: str | None) -> bool:
    """Tell whether a request with this Authorization header may pass.

    Everybody may where allUsers is an invoker. Elsewhere the header must be `Bearer` and a
    token. Nobody signs tokens here: the token is the e-mail address of an invoker, such as
    that of a service account, or anything where allAuthenticatedUsers is an invoker. Roles on
    the project are not looked at.
    """
    members = policies.members(service, INVOKER)
    if "allUsers" in members:
        return True
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return False
    return "allAuthenticatedUsers" in members or token in {member.partition(":")[2] for member in members}
