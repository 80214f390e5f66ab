"""Define the commands, one file each: options, exit codes and messages."""
