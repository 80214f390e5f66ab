"""Arrow's IPC stream; https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format."""
