"""Define the options and console output that several commands share."""
