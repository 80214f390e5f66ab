"""Write a bundle for other programs: as an ONNX graph, for BigQuery ML, or as a model card."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from model_training.commands.support.console import fail, say, step, write
from model_training.commands.support.model_files import read_model_file
from model_training.commands.support.options import model_uri

if TYPE_CHECKING:
    from onnx import ModelProto

    from function.model.bundle import Bundle
    from function.model.manifest import Manifest
    from model_training.evaluation.evaluation import Evaluation

GRAPH = "model.onnx"


def export(
    bundle: Annotated[
        str, typer.Argument(callback=model_uri, metavar="URI", help="Bundle: a path or gs://BUCKET/OBJECT.")
    ] = "build/model.zip",
    onnx: Annotated[
        Path | None,
        typer.Option(
            help="ONNX file to write: one graph from the features to the label and the probabilities or value."
        ),
    ] = None,
    bigquery_ml: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder to write for BigQuery ML: the graph, the statement that imports it, and one that predicts.",
        ),
    ] = None,
    model_card: Annotated[
        Path | None, typer.Option(help="Markdown file to write: a model card with the metadata of Hugging Face.")
    ] = None,
    license_: Annotated[
        str | None, typer.Option("--license", metavar="ID", help="License in the model card, such as apache-2.0.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Language in the model card, such as en.")
    ] = None,
) -> None:
    """Write a bundle as an ONNX graph, for BigQuery ML, or as a model card; the options can be combined.

    The graph predicts what the function predicts: it is compared with the bundle's golden rows before it is written.
    A graph cannot refuse a row. Nothing is written if one of the exports is not possible.
    """
    from function.errors import Refused, Unreachable
    from model_training.exporting.refused import NotExported

    if onnx is None and bigquery_ml is None and model_card is None:
        raise typer.BadParameter("choose what to write: --onnx FILE, --bigquery-ml FOLDER or --model-card FILE")
    if model_card is None and (license_ or language):
        raise typer.BadParameter("--license and --language are for --model-card")
    files: dict[Path, bytes] = {}
    try:
        with step(f"Reading {bundle}"):
            opened = _open(bundle)
        if onnx or bigquery_ml:
            with step("Writing the graph, and comparing it with the golden rows"):
                graph = _graph(opened)
            if onnx:
                files[onnx] = graph.SerializeToString(deterministic=True)
            if bigquery_ml:
                files |= _for_bigquery(graph, opened.manifest, bigquery_ml)
        if model_card:
            files[model_card] = _card(opened.manifest, bundle, license_, language)
    except (Refused, Unreachable, NotExported) as error:
        fail(f"{bundle} is not exported: {error}.")
    for path, data in files.items():
        write(path, data)
        say(f"Wrote {path} ({len(data):,} bytes).")


def _open(uri: str) -> "Bundle":
    from function.model.bundle import is_bundle, read_bundle
    from model_training.exporting.refused import NotExported
    from model_training.publishing.identity import max_model_bytes

    data, _ = read_model_file(uri, "URI")
    if not is_bundle(data):
        raise NotExported("it is a bare model; build a bundle from it with `taxiway pack`")
    return read_bundle(data, max_model_bytes())


def _graph(bundle: "Bundle") -> "ModelProto":
    from model_training.exporting.graph.model import write_model
    from model_training.exporting.trial import check_golden_rows

    graph = write_model(bundle)
    check_golden_rows(graph, bundle.manifest)
    return graph


def _for_bigquery(graph: "ModelProto", manifest: "Manifest", folder: Path) -> dict[Path, bytes]:
    from model_training.exporting.bigquery import check_limits, write_statements

    check_limits(graph)
    statements = write_statements(graph, manifest, str(folder / GRAPH))
    texts = {folder / name: text.encode() for name, text in statements.items()}
    return {folder / GRAPH: graph.SerializeToString(deterministic=True)} | texts


def _card(manifest: "Manifest", uri: str, licence: str | None, language: str | None) -> bytes:
    from model_training.exporting.model_card import write_card

    evaluation = None if uri.startswith("gs://") else _evaluation(manifest, Path(uri).with_suffix(".report.json"))
    return write_card(manifest, evaluation, licence=licence, language=language).encode()


def _evaluation(manifest: "Manifest", path: Path) -> "Evaluation | None":
    """Read the report beside a bundle, if it is that of this model."""
    import msgspec

    from model_training.evaluation.evaluation import Evaluation

    try:
        evaluation = msgspec.json.decode(path.read_bytes(), type=Evaluation)
    except (OSError, msgspec.DecodeError):
        return None
    return evaluation if evaluation.plain_metrics() == manifest.metrics else None
