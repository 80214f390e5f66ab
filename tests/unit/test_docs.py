"""The documents describe what there is: every command, setting, route, make target, library and folder."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

import function
from function.http.routes import TABLE
from function.http.settings import Settings
from model_training.__main__ import app
from tests.support.documents import DOCUMENTS, PAGES, README, anchors, blocks, text_of
from tests.support.function_process import ROOT

DOCS = ROOT / "docs"
MAKEFILE = text_of(ROOT / "Makefile")
ARCHITECTURE = text_of(DOCS / "architecture.md")
EVERYTHING = "\n".join(map(text_of, PAGES))
TYPED = [line for path in PAGES for block in blocks(path, "sh") for line in block.commands()]
TARGETS = re.findall(r"^([a-z.-]+):.*## ", MAKEFILE, re.MULTILINE)
PICTURES = sorted(DOCS.glob("*.svg"))


def test_the_readme_is_short() -> None:
    """It is the entrance; the rest is in docs/."""
    assert len(text_of(README).splitlines()) <= 200


def test_the_readme_links_to_every_document() -> None:
    """Otherwise nobody finds it."""
    links = set(re.findall(r"\(docs/([\w.-]+)", text_of(README)))
    assert [path.name for path in DOCUMENTS[1:] if path.name not in links] == []


def test_the_readme_has_the_figures_of_the_benchmarks() -> None:
    """Row by row of its comparison; in a note, those of Litestar on Granian."""
    measured = {row[0]: row for row in _rows(text_of(DOCS / "benchmarks.md"), columns=10)}
    servers = ("Taxiway", "FastAPI, ONNX Runtime", "MLflow", "BentoML", "KServe")
    shown = [re.findall(r"[0-9][0-9,.]*", " ".join(row[1:])) for row in _rows(text_of(README), columns=7)]
    first, vectors, rows, memory = 1, 3, 4, 9
    for column in (first, vectors, rows, memory):
        assert [measured[server][column] for server in servers] in shown
    note = re.search(r"^¹ .* on Granian: (\S+) and (\S+) a second, (\S+) s, (\S+) MB", text_of(README), re.MULTILINE)
    assert note
    granian = measured["Litestar, ONNX, Granian"]
    assert note.groups() == tuple(granian[column] for column in (vectors, rows, first, memory))


def _rows(text: str, columns: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == columns:
            yield cells


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.encode_name)
def test_every_setting_is_documented_with_its_default(field: msgspec.structs.FieldInfo) -> None:
    """In the table of settings."""
    default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    row = rf"^\| `{field.encode_name}` \| `?{re.escape(default)}`? \|"
    assert re.search(row, text_of(DOCS / "settings.md"), re.MULTILINE)


@pytest.mark.parametrize(("path", "method"), [(path, method) for path, row in TABLE.items() for method in row])
def test_every_route_is_documented(path: str, method: str) -> None:
    """In a table of paths."""
    assert f"`{method} {path}`" in text_of(DOCS / "predict.md") + text_of(DOCS / "protocols.md")


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_command_is_shown(command: str) -> None:
    """As a line to type."""
    assert any(line.startswith(f".venv/bin/taxiway {command}") for line in TYPED)


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_documented(target: str) -> None:
    """In any document."""
    assert re.search(rf"make ([\w-]+ )*{re.escape(target)}\b", EVERYTHING)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z.][a-z.-]*)", EVERYTHING))))
def test_every_make_target_of_the_documents_exists(target: str) -> None:
    """And `make help` describes it."""
    assert target in TARGETS


@pytest.mark.parametrize("line", [line for line in TYPED if line.startswith("make ")])
def test_make_supports_what_the_documents_show(line: str) -> None:
    """Each target and each variable."""
    for argument in line.split()[1:]:
        name, assigned, _ = argument.partition("=")
        assert re.search(rf"\$\({name}\)|{name}=|^{name} \?=", MAKEFILE) if assigned else name in TARGETS, argument


@pytest.mark.parametrize("module", ["bootstrap", "."])
def test_terraform_has_the_outputs_and_variables_that_are_shown(module: str) -> None:
    """In commands, and in blocks of its language, which belong to bootstrap if they set what only it knows."""
    folder = ROOT / "terraform" / module
    there = "".join(text_of(path) for path in folder.glob("*.tf"))
    prefix = "terraform -chdir=terraform/bootstrap " if module == "bootstrap" else "terraform -chdir=terraform "
    outputs = [name for line in TYPED if prefix in line for name in re.findall(r"output -raw (\w+)", line)]
    shown = [block.text for path in DOCUMENTS for block in blocks(path, "hcl")]
    bootstraps = [text for text in shown if re.search("^(github|extras) ", text, re.MULTILINE)]
    own = bootstraps if module == "bootstrap" else [text for text in shown if text not in bootstraps]
    variables = [name for text in own for name in re.findall(r"^(\w+) +=", text, re.MULTILINE)]
    assert outputs
    assert variables
    assert [name for name in outputs if f'output "{name}"' not in there] == []
    assert [name for name in variables if f'variable "{name}"' not in there] == []


@pytest.mark.parametrize(
    "file", ["pyproject.toml", "tests/clients/pyproject.toml", "tests/clients/mlflow/pyproject.toml"]
)
def test_every_library_has_its_reason(file: str) -> None:
    """In one line of the architecture."""
    content = tomllib.loads((ROOT / file).read_text())
    groups = [content["project"]["dependencies"], *content.get("dependency-groups", {}).values()]
    names = {re.split(r"[^\w.-]", each)[0] for group in groups for each in group}
    assert len(names) >= 2
    reasons = ARCHITECTURE.partition("## Why each library")[2]
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", reasons)] == []


@pytest.mark.parametrize("file", [".github/package.json", "tests/browser/package.json"])
def test_every_library_of_npm_has_its_reason(file: str) -> None:
    """In one line of the architecture."""
    reasons = ARCHITECTURE.partition("## Why each library")[2]
    names = json.loads((ROOT / file).read_text())["devDependencies"]
    assert [name for name in names if not re.search(rf"\b{name}\b", reasons)] == []


def test_the_versions_agree() -> None:
    """What the function says of itself is what the project says."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == function.__version__
    assert f"## [{function.__version__}]" in text_of(ROOT / "CHANGELOG.md")


def test_the_python_versions_agree() -> None:
    """README and project speak of the same ones."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.15"
    assert "Python 3.11 to 3.14" in text_of(README)


def test_the_tree_in_the_architecture_is_the_tree() -> None:
    """Every folder of both packages, in a line of its own."""
    described, above = set(), [""]
    for indent, name in re.findall(r"^( {4,})([\w.]+)/ ", ARCHITECTURE.partition("\n## ")[0], re.MULTILINE):
        above[len(indent) // 2 - 1 :] = [name]
        described.add("/".join(above[1:]))
    packages = {"function", "model_training"}
    folders = {path.relative_to(ROOT) for name in packages for path in (ROOT / name).glob("**/")}
    there = {str(folder) for folder in folders if not folder.name.startswith(("__", "."))}
    assert {path for path in described if path.partition("/")[0] in packages} == there
    assert [path for path in described if not (ROOT / path).is_dir()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_files_that_a_document_names_exist(page: Path) -> None:
    """Those that are named by their path in the repository."""
    named = re.findall(r"`((?:function|model_training|terraform|tests|docs|\.github)/[\w./-]+)`", text_of(page))
    written_by_people = {"terraform/bootstrap/terraform.tfvars", "terraform/terraform.tfvars"}
    written_by_people |= {"terraform/bootstrap/staging.tfvars", "terraform/environments/staging.tfvars"}
    missing = [name for name in named if not (ROOT / name).exists()]
    assert set(missing) <= written_by_people | {"terraform/settings.auto.tfvars"}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    """To a file, and to a heading of it."""
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text_of(page)):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(text_of(target)), link


def test_links_of_the_comparison_exist() -> None:
    """Each footnote is used, and each use has its footnote."""
    text = text_of(README)
    assert set(re.findall(r"\]\[(\w+)\]", text)) == set(re.findall(r"^\[(\w+)\]: https://", text, re.MULTILINE))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_can_be_read_and_runs_nothing(picture: Path) -> None:
    """SVG without script; those that were drawn have a title, a description and colours for light and dark."""
    text = text_of(picture)
    names = [element.tag.rpartition("}")[2] for element in ET.fromstring(text).iter()]  # noqa: S314 (ours)
    assert not {"script", "foreignObject", "image", "a"} & set(names)
    assert not re.search(r"\bon\w+=|javascript:", text)
    if picture.name != "benchmarks.svg":
        assert names[1:3] == ["title", "desc"]
        assert "prefers-color-scheme: dark" in text


def test_the_screenshot_is_small() -> None:
    """A page of README loads fast."""
    assert 10_000 < (DOCS / "page.png").stat().st_size < 150_000


def test_the_tiles_that_the_runbook_names_are_on_the_dashboard() -> None:
    """By the beginning of their titles; *Not reachable* is another section of the runbook."""
    named = set(re.findall(r"(?<!\*)\*([A-Z][\w ]+)\*(?!\*)", text_of(DOCS / "runbook.md"))) - {"Not reachable"}
    titles = re.findall(r'title += "(.*?)"', text_of(ROOT / "terraform" / "dashboard.tf"))
    assert len(named) >= 4
    assert [name for name in named if not any(title.startswith(name) for title in titles)] == []


PROBLEMS = text_of(DOCS / "troubleshooting.md").split("\n### ")[1:]
NOT_OURS = {".venv/bin/taxiway: No such file or directory", "Connection in use", "Address already in use"}


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda text: text.partition("\n")[0])
def test_a_problem_has_symptom_cause_and_remedy(problem: str) -> None:
    """In this order."""
    assert re.findall(r"^\*\*(.+?)\.\*\*", problem, re.MULTILINE) == ["Symptom", "Cause", "What to do"]


def test_the_messages_of_the_symptoms_are_those_of_the_code() -> None:
    """Each part between `…` is found there, in whatever case, so that a changed message is noticed."""
    texts = "\n".join(literals()).lower()
    missing = [
        part
        for problem in PROBLEMS
        for _, message in re.findall(r"(`+) ?(.+?) ?\1(?!`)", re.split(r"\n```|\*\*Cause", problem)[0], re.DOTALL)
        for part in message.split("…")
        if message not in NOT_OURS and part.strip().lower() not in texts
    ]
    assert missing == []


def literals() -> Iterator[str]:
    """Yield the texts of the code: literals of Python, and what else may print a message."""
    for path in [ROOT / "Makefile", *ROOT.glob("terraform/**/*.tf"), *ROOT.glob(".github/workflows/*.yml")]:
        yield text_of(path)
    for path in [ROOT / "serve.py", *ROOT.glob("function/**/*.py"), *ROOT.glob("model_training/**/*.py")]:
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
