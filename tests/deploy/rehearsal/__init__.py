"""The whole deployment, with the real Terraform and the real provider, against the local cloud.

`python -m tests.deploy.rehearsal`, which is `make rehearse`, prints each step with its time;
`tests/deploy/test_rehearsal.py` runs the same steps.
"""
