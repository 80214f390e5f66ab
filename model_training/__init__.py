"""Training: makes, judges and publishes models. Never deployed."""
