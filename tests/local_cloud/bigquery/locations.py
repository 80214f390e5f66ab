"""Where a function may be that a query calls."""

# https://cloud.google.com/bigquery/docs/remote-functions: the same region, or one within the multi-region.
OUTSIDE_EU = {"europe-west2", "europe-west6"}


def within(region: str, location: str) -> bool:
    """Tell whether queries in a location may call a function in a region."""
    wider = {"US": region.startswith("us-"), "EU": region.startswith("europe-") and region not in OUTSIDE_EU}
    return wider.get(location.upper(), region == location.lower())
