"""Write the files of a bundle, its report and an example of a request."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_training.commands.support.console import say, write

if TYPE_CHECKING:
    from function.model.manifest import Manifest
    from model_training.bundling.building import Packed


def write_bundle(path: Path, packed: "Packed") -> None:
    """Write a bundle, an example of a request, and the evaluation report as HTML and JSON, into the same folder."""
    import msgspec

    write(path, packed.data)
    say(f"Wrote {path} ({len(packed.data):,} bytes).")
    request = path.with_suffix(".request.json")
    write(request, msgspec.json.encode({"instances": [example_row(packed.manifest)]}))
    if packed.evaluation and packed.report:
        html, json = (path.with_suffix(f".report.{kind}") for kind in ("html", "json"))
        write(html, packed.report)
        write(json, msgspec.json.format(msgspec.json.encode(packed.evaluation)))
        say(f"Wrote the evaluation report to {html} and {json.name}, and an example of a request to {request.name}.")


def example_row(manifest: "Manifest") -> dict[str, Any]:
    """Return a row of typical values; a golden row if a feature has none."""
    names = [feature.name for feature in manifest.features]
    typical = [feature.typical for feature in manifest.features]
    lacking = any(feature.typical is None and not feature.nullable for feature in manifest.features)
    golden = manifest.golden.rows if manifest.golden else ()
    return dict(zip(names, golden[0] if lacking and golden else typical, strict=True))
