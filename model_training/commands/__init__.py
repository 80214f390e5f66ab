"""The commands: options in, exit codes and sentences out; a file per command."""
