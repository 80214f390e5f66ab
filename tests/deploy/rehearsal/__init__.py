"""The whole deployment, with the real Terraform and the real provider, against the local cloud.

`python -m tests.deploy.rehearsal`, which is `make rehearse`, prints each step of `steps` with its time;
with `--everywhere`, which is `make rehearse-global`, those of `everywhere`.
`tests/deploy/test_rehearsal.py` runs the same steps.
"""
