"""Compute Engine, as far as a global load balancer over functions goes.

`kinds` is the table of resources, `links` how they refer to each other, `catalogue` has them all and refuses
what Google refuses; `resource_api`, `policy_rules_api` and `operations_api` are the surface, `routes` its table.
"""
