"""Check the indices that native code trusts: those in sparse matrices, and the child nodes of trees."""

from typing import Any

import numpy as np
import numpy.typing as npt

from function.model.joblib.constructors.tokens import require

_BAD_CHILDREN = "has a tree with invalid child nodes"


def within(places: npt.NDArray[Any], size: int) -> bool:
    """Return whether an array contains only integers from 0 to `size` - 1."""
    # A masked array would hide values from this check, but not from native code.
    plain = type(places) is np.ndarray and places.dtype.kind in "iu"
    return plain and bool(np.all((places >= 0) & (places < size)))


def check_branches(left: npt.NDArray[Any], right: npt.NDArray[Any], inner: npt.NDArray[Any]) -> None:
    """Refuse a tree in which a child does not come after its parent, because evaluating it might never end.

    `left` and `right` are of shape [nodes]; `inner` holds the positions of the nodes that have children.
    """
    for side in (left[inner], right[inner]):
        require(within(side, len(left)) and np.all(side > inner), _BAD_CHILDREN)


def check_predictor(predictor: Any) -> None:
    """Refuse a tree of histogram gradient boosting with invalid child nodes or categories."""
    nodes, sets = predictor.nodes, predictor.raw_left_cat_bitsets
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    require(nodes.ndim == 1 and len(nodes), _BAD_CHILDREN)
    check_branches(nodes["left"], nodes["right"], inner)
    chosen = nodes["bitset_idx"][inner][nodes["is_categorical"][inner] != 0]
    require(within(chosen, len(sets)), _BAD_CHILDREN)


def check_sparse(matrix: Any) -> None:
    """Refuse a sparse matrix with indices outside its shape, which scipy would read and write."""
    rows, columns = matrix.shape
    if matrix.format == "coo":
        row, column = matrix.coords
        sound = row.shape == column.shape == matrix.data.shape and within(row, rows) and within(column, columns)
    else:
        lines, width = (rows, columns) if matrix.format == "csr" else (columns, rows)
        sound = _compressed(matrix.indptr, matrix.indices, lines, width) and matrix.indices.shape == matrix.data.shape
    require(sound, "has a sparse matrix with indices outside its shape")


def _compressed(ends: npt.NDArray[Any], places: npt.NDArray[Any], lines: int, width: int) -> bool:
    ordered = ends.shape == (lines + 1,) and ends[0] == 0 and bool(np.all(ends[1:] >= ends[:-1]))
    return ordered and places.ndim == 1 and within(ends, len(places) + 1) and within(places, width)
