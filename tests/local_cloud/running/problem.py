"""Why a function cannot be deployed."""


class BuildProblem(Exception):
    """A build or a start that failed; the message is for whoever deploys."""
