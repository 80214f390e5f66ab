"""The sections of LightGBM's text: a head, and one for each tree."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from model_training.bundling.exact.refused import Refused

VERSIONS = ("v3", "v4")
HEAD = (
    "average_output", "feature_infos", "feature_names", "label_index", "max_feature_idx", "monotone_constraints",
    "num_class", "num_tree_per_iteration", "objective", "tree", "tree_sizes", "version",
)  # fmt: skip
FLAGS = ("tree", "average_output")
"""Lines of the head without a value."""
END = "end of trees"
NEEDED = (
    "num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value",
    "cat_boundaries", "cat_threshold", "is_linear",
)  # fmt: skip
"""What predictions need of a tree."""

Section = dict[str, str]


def sections_of(text: str) -> tuple[Section, Sequence[Section]]:
    """Split a text into its head and its trees.

    Raises:
        Refused: it has no end of trees.
    """
    found: list[Section] = [{}]
    for line in text.splitlines():
        if line == END:
            return found[0], found[1:]
        if line.startswith("Tree="):
            found.append({})
        key, _, value = line.partition("=")
        if key:
            found[-1][key] = value
    raise Refused("a damaged file of LightGBM: it has no end of trees")


def without_unread(data: bytes) -> bytes:
    """Return a text that was read, without what nothing reads: statistics of trees, sizes, parameters.

    LightGBM trusts their lengths, so that damaged ones let it read beyond its memory.

    Raises:
        Refused: it has no end of trees.
    """
    head, trees = sections_of(data.decode())
    kept = [{key: value for key, value in head.items() if key != "tree_sizes"}]
    kept += [{"Tree": str(number), **_needed(tree)} for number, tree in enumerate(trees)]
    # A tree that is a lone leaf has fields without a value, which are no flags.
    parts = ["\n".join(key if key in FLAGS else f"{key}={value}" for key, value in each.items()) for each in kept]
    return "\n\n".join([*parts, f"{END}\n"]).encode()


def _needed(tree: Section) -> Section:
    return {key: tree[key] for key in NEEDED if key in tree}


def numbers(section: Section, key: str, dtype: type, size: int) -> Any:
    """Return the numbers of a field.

    Raises:
        Refused: there are more or fewer than the tree needs.
    """
    found: npt.NDArray[Any] = np.array(section.get(key, "").split(), dtype=dtype)
    if len(found) != size:
        raise Refused(f"a damaged file of LightGBM: {len(found)} numbers in {key}, which needs {size}")
    return found
