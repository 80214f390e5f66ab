"""The wire formats, one file each: bytes to a query, predictions to bytes."""
