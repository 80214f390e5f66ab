"""Google's own descriptions of its APIs, to which every call and every response of the cloud is held.

`documents` reads them out of Google's Python client, which ships them; `methods` finds the method that a call is,
`values` compares JSON with a schema, `comparison` does both for a whole interaction, and `known` lists where the two
differ for a reason. `canonical` writes what was sent as Google would.
"""
