"""The workflows as GitHub runs them: jobs by their conditions, steps in a copy of the repository."""
