"""Write the files of a bundle and its report."""

from pathlib import Path
from typing import TYPE_CHECKING

from model_training.commands.support.console import say, write

if TYPE_CHECKING:
    from model_training.bundling.building import Packed


def write_bundle(path: Path, packed: "Packed") -> None:
    """Write a bundle, and its evaluation report as HTML and JSON into the same folder."""
    write(path, packed.data)
    say(f"Wrote {path} ({len(packed.data):,} bytes).")
    if packed.evaluation and packed.report:
        import msgspec

        html, json = (path.with_suffix(f".report.{kind}") for kind in ("html", "json"))
        write(html, packed.report)
        write(json, msgspec.json.format(msgspec.json.encode(packed.evaluation)))
        say(f"Wrote the evaluation report to {html} and {json.name}.")
