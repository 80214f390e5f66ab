"""Options and console output that the commands share."""
