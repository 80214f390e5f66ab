"""Which permissions a method needs, by the methods' names in Google's discovery documents.

A row has the methods of a resource, the resource in the names of permissions, and its verbs: `insert=create` is a
method `insert` that needs the permission `create`. The pages are those where Google documents them. What depends on the
content of a call is in `needs`.
"""

_TABLE = (
    # https://cloud.google.com/artifact-registry/docs/access-control
    (
        "artifactregistry.projects.locations.repositories",
        "artifactregistry.repositories",
        "create get list patch=update delete getIamPolicy setIamPolicy",
    ),
    # https://cloud.google.com/bigquery/docs/access-control
    ("bigquery.datasets", "bigquery.datasets", "insert=create get update delete"),
    ("bigquery.routines", "bigquery.routines", "insert=create get list update delete"),
    (
        "bigqueryconnection.projects.locations.connections",
        "bigquery.connections",
        "create get list patch=update delete getIamPolicy setIamPolicy",
    ),
    # https://cloud.google.com/functions/docs/reference/iam/permissions
    ("cloudfunctions.projects.locations.functions", "cloudfunctions.functions", "create get list patch=update delete"),
    ("cloudfunctions.projects.locations.operations", "cloudfunctions.operations", "get"),
    # https://cloud.google.com/run/docs/reference/iam/permissions
    ("run.projects.locations.services", "run.services", "getIamPolicy setIamPolicy"),
    # https://cloud.google.com/iam/docs/permissions-reference
    ("iam.projects.roles", "iam.roles", "create get list patch=update delete undelete"),
    (
        "iam.projects.serviceAccounts",
        "iam.serviceAccounts",
        "create get list patch=update delete undelete getIamPolicy setIamPolicy",
    ),
    (
        "iam.projects.locations.workloadIdentityPools",
        "iam.googleapis.com/workloadIdentityPools",
        "create get list patch=update delete undelete listAttestationRules=getAttestationRules",
    ),
    (
        "iam.projects.locations.workloadIdentityPools.providers",
        "iam.googleapis.com/workloadIdentityPoolProviders",
        "create get list patch=update delete undelete",
    ),
    # https://cloud.google.com/iam/docs/reference/credentials/rest
    (
        "iamcredentials.projects.serviceAccounts",
        "iam.serviceAccounts",
        "generateAccessToken=getAccessToken generateIdToken=getOpenIdToken",
    ),
    # https://cloud.google.com/iam/docs/reference/sts/rest: whoever has a token of the provider may exchange it
    ("sts", "", "token"),
    # https://cloud.google.com/resource-manager/docs/access-control-proj
    ("cloudresourcemanager.projects", "resourcemanager.projects", "get getIamPolicy setIamPolicy"),
    # https://cloud.google.com/service-usage/docs/access-control
    ("serviceusage.services", "serviceusage.services", "get list enable disable batchEnable=enable"),
    # https://cloud.google.com/logging/docs/access-control
    ("logging.projects.metrics", "logging.logMetrics", "create get list update delete"),
    # https://cloud.google.com/monitoring/access-control
    ("monitoring.projects.alertPolicies", "monitoring.alertPolicies", "create get list patch=update delete"),
    ("monitoring.projects.dashboards", "monitoring.dashboards", "create get list patch=update delete"),
    (
        "monitoring.projects.notificationChannels",
        "monitoring.notificationChannels",
        "create get list patch=update delete",
    ),
    ("monitoring.projects.uptimeCheckConfigs", "monitoring.uptimeCheckConfigs", "create get list patch=update delete"),
    ("monitoring.services", "monitoring.services", "create get list patch=update delete"),
    ("monitoring.services.serviceLevelObjectives", "monitoring.slos", "create get list patch=update delete"),
    # https://cloud.google.com/compute/docs/reference/rest/v1, at each method
    (
        "compute.backendServices",
        "compute.backendServices",
        "insert=create get list patch=update update delete setSecurityPolicy",
    ),
    ("compute.globalAddresses", "compute.globalAddresses", "insert=create get list delete setLabels"),
    (
        "compute.globalForwardingRules",
        "compute.globalForwardingRules",
        "insert=create get list patch=update delete setLabels setTarget",
    ),
    ("compute.globalOperations", "compute.globalOperations", "get wait=get"),
    ("compute.regionOperations", "compute.regionOperations", "get wait=get"),
    (
        "compute.regionNetworkEndpointGroups",
        "compute.regionNetworkEndpointGroups",
        "insert=create get list delete",
    ),
    (
        "compute.securityPolicies",
        "compute.securityPolicies",
        "insert=create get list patch=update delete setLabels",
    ),
    (
        "compute.securityPolicies",
        "compute.securityPolicies",
        "getRule=get addRule=update patchRule=update removeRule=update",
    ),
    ("compute.sslCertificates", "compute.sslCertificates", "insert=create get list delete"),
    ("compute.sslPolicies", "compute.sslPolicies", "insert=create get list patch=update delete"),
    ("compute.targetHttpProxies", "compute.targetHttpProxies", "insert=create get list patch=update delete setUrlMap"),
    (
        "compute.targetHttpsProxies",
        "compute.targetHttpsProxies",
        "insert=create get list patch=update delete setQuicOverride setSslCertificates setSslPolicy setUrlMap",
    ),
    ("compute.urlMaps", "compute.urlMaps", "insert=create get list patch=update update delete"),
    # https://cloud.google.com/storage/docs/access-control/iam-json
    (
        "storage.buckets",
        "storage.buckets",
        "insert=create get list patch=update update delete getIamPolicy setIamPolicy",
    ),
    (
        "storage.objects",
        "storage.objects",
        "insert=create get list patch=update update delete copy=create rewrite=create",
    ),
    ("storage.anywhereCaches", "storage.anywhereCaches", "list"),
    ("storage.xml", "storage.objects", "get"),
    # https://cloud.google.com/storage/docs/resumable-uploads: the address of an upload under way is a secret of its own
    ("storage.upload", "", "resume"),
)


def _rows() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for methods, resource, verbs in _TABLE:
        for each in verbs.split():
            method, _, permission = each.partition("=")
            found[f"{methods}.{method}"] = (f"{resource}.{permission or method}",) if resource else ()
    return found


PERMISSIONS = _rows()
FURTHER = (
    "artifactregistry.repositories.uploadArtifacts",
    "bigquery.connections.delegate",
    "compute.backendServices.use",
    "compute.globalAddresses.use",
    "compute.regionNetworkEndpointGroups.use",
    "compute.securityPolicies.use",
    "compute.sslPolicies.use",
    "compute.targetHttpProxies.use",
    "compute.targetHttpsProxies.use",
    "compute.urlMaps.use",
    "iam.serviceAccounts.actAs",
    "logging.logEntries.create",
    "run.routes.invoke",
)
"""What `needs` and the host of functions ask for besides."""
