"""Train, evaluate and publish models. This package is never deployed."""
