"""IAM: who asks, and whether the policies that were set let them.

`callers` are known by their tokens, `permissions` says what each method needs and `needs` what a call needs besides,
`roles` turns roles into permissions, `grants` finds who has a permission on a resource, `access` decides and remembers.
"""
