"""The documents, and the blocks of code that they show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.function_process import ROOT

README = ROOT / "README.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [*DOCUMENTS, *sorted((ROOT / ".github").glob("*.md")), ROOT / "CHANGELOG.md"]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_GAP = re.compile(r"\s*")


@dataclass(frozen=True)
class Block:
    """A block of code, and the block that follows it at once, which shows its output."""

    document: Path
    language: str
    text: str
    output: str = ""

    def __str__(self) -> str:
        """Name it by its document and its first line."""
        return f"{self.document.name}: {self.text.partition(chr(10))[0][:60]}"

    def commands(self) -> list[str]:
        """Return its lines, each with those that it continues on."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]


def text_of(path: Path) -> str:
    """Return a document's text."""
    return path.read_text("utf-8")


OUTPUTS = ("json", "text")


def blocks(path: Path, *languages: str) -> Iterator[Block]:
    """Yield the blocks of some languages; a block of output belongs to one if nothing else stands between."""
    text = text_of(path)
    found = list(_BLOCK.finditer(text))
    for number, match in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        adjacent = after and after[1] in OUTPUTS and _GAP.fullmatch(text[match.end() : after.start()])
        if match[1] in languages:
            yield Block(path, match[1], match[2], after[2] if after and adjacent else "")


def anchors(text: str) -> list[str]:
    """Return the anchors that GitHub makes of the headings of a text."""
    titles = re.findall(r"^#+ (.+)$", re.sub(_BLOCK, "", text), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
