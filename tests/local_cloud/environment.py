"""The environment variables that point programs to the cloud, and say who runs them."""

from urllib.parse import quote, urlsplit

# The custom endpoints of Terraform's google provider. Each API has a prefix of its own; Cloud
# Storage has none, for it takes uploads at the host's root.
ENDPOINTS = {
    "STORAGE": "storage/v1/",
    "CLOUDFUNCTIONS2": "cloudfunctions/v2/",
    "CLOUD_RUN_V2": "run/v2/",
    "CLOUD_RUN": "run/",
    "IAM_BETA": "iam/v1/",
    "RESOURCE_MANAGER": "cloudresourcemanager/v1/",
    "SERVICE_USAGE": "serviceusage/v1/",
    "ARTIFACT_REGISTRY": "artifactregistry/v1/",
    "MONITORING": "monitoring/",
    "LOGGING": "logging/v2/",
    "COMPUTE": "compute/compute/v1/",
    "BIG_QUERY": "bigquery/bigquery/v2/",
    "BIGQUERY_CONNECTION": "bigqueryconnection/v1/",
    "IAM_CREDENTIALS": "iamcredentials/v1/",
    "CLOUD_BILLING": "cloudbilling/v1/",
    "BILLING_BUDGETS": "billingbudgets/v1/",
}
OWNER = "owner@example.com"
"""Whoever has made the project, and owns it."""
# This machine; and where `terraform init` downloads the provider.
REACHED = ("127.0.0.1", "localhost", "registry.terraform.io", "releases.hashicorp.com")
# Tokens are exchanged at an API that Terraform does not call.
PREFIXES = sorted({"sts", *(path.split("/", 1)[0] for path in ENDPOINTS.values())})


def for_clients(url: str, caller: str = "") -> dict[str, str]:
    """Return what points Google's clients to the cloud at `url`.

    They send no token there: an account is the user of the address, and arrives in a Basic header.
    """
    address = urlsplit(url)
    return {
        "STORAGE_EMULATOR_HOST": f"{address.scheme}://{quote(caller, safe='')}:@{address.netloc}" if caller else url
    }


def for_terraform(url: str, token: str = OWNER) -> dict[str, str]:
    """Return what points Terraform, and nothing but its process, to the cloud at `url`.

    Whatever has no endpoint here would go to Google: it goes to the cloud as to a proxy, which
    refuses, so that the error names its address.
    """
    return {
        **{f"GOOGLE_{name}_CUSTOM_ENDPOINT": f"{url}/{path}" for name, path in ENDPOINTS.items()},
        "GOOGLE_OAUTH_ACCESS_TOKEN": token,
        "HTTPS_PROXY": url,
        "HTTP_PROXY": url,
        "NO_PROXY": ",".join(REACHED),
        "CHECKPOINT_DISABLE": "1",
    }
