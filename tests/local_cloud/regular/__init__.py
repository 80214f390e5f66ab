"""What Google's regular APIs have in common: collections of resources, update masks, policies, operations.

`kind`, `resource`, `collection`, `masks` and `long_running` know no HTTP; the `*_api` files are the surface.
"""
