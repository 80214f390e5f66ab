"""Formats that are tables, a line or a column at a time: CSV, NDJSON and Arrow."""

from typing import Literal

CSV_TYPE, NDJSON_TYPE, ARROW_TYPE = "text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream"
Header = Literal["present", "absent"]
"""Whether CSV has a header."""
