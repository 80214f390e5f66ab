"""Running functions: from a zip in a bucket to an address that answers.

`source` unpacks the zip, `environment` installs its requirements, `revision` is the process,
`front` the address that stays while revisions come and go, `entrance` who gets in there, `host` has them all.
"""
