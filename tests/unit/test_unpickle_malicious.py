"""A model file must not run code, exhaust the process or change it."""

import bz2
import codecs
import contextlib
import copyreg
import functools
import gzip
import importlib
import io
import lzma
import os
import pickle
import random
import re
import time
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from joblib.numpy_pickle import NumpyArrayWrapper
from joblib.numpy_pickle_compat import NDArrayWrapper, ZNDArrayWrapper
from sklearn._loss._loss import CyHuberLoss
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingRegressor, StackingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree
from sklearn.utils import Bunch
from sklearn.utils.validation import check_array

from function.errors import Refused
from function.model.joblib.unpickle import check_joblib, unpickle
from tests.unit.malicious_corpus import CORPUS, PROTOCOL_4, Reduced, dumped, estimator, named, text

sparse = importlib.import_module("scipy.sparse")

MAX_BYTES = 2**24
DUMMY = estimator("sklearn.dummy", "DummyClassifier")
RECONSTRUCT, SCALAR = np.zeros(1).__reduce__()[0], np.float64(1).__reduce__()[0]
GENERATOR, BIT_GENERATOR = np.random.default_rng(0).__reduce__()[0], np.random.PCG64(0).__reduce__()[0]


def load(data: bytes) -> Any:
    """Read within a bound that no file here needs."""
    return unpickle(data, MAX_BYTES).object


def refusal(data: bytes) -> str:
    """Return why a file is refused."""
    with pytest.raises(Refused) as refused:
        load(data)
    return str(refused.value)


@pytest.mark.parametrize("name", CORPUS)
def test_refused_before_it_runs(name: str, tmp_path: Path) -> None:
    """No file of the corpus is read, and none runs what it holds."""
    data = CORPUS[name](tmp_path / "marker")
    with pytest.raises(Refused, match="the model file"):
        load(data)
    assert not (tmp_path / "marker").exists()


def test_corpus_is_live(tmp_path: Path) -> None:
    """The same files run what they hold when joblib reads them without a list, or the tests above would say nothing."""
    dead = []
    for number, (name, build) in enumerate(CORPUS.items()):
        marker = tmp_path / f"marker{number}"
        data = build(marker)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read_without_a_list(data)
        if not appears(marker):
            dead.append(name)
    assert not dead


def read_without_a_list(data: bytes) -> None:
    """Read as `joblib.load` does; what it made is of no interest, nor is how it failed afterwards."""
    try:
        made = joblib.load(io.BytesIO(data))
    except Exception:  # noqa: S110 - the marker tells
        pass
    else:
        if hasattr(made, "wait"):
            made.wait()
        if hasattr(made, "close"):
            made.close()


def appears(path: Path) -> bool:
    """Wait for a file, for a few seconds at most."""
    deadline = time.monotonic() + 5
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return path.exists()


def test_reason_names_what_was_asked_for() -> None:
    """The refusal says which name is not on the list, in plain characters and in short."""
    assert refusal(pickle.dumps(os.system)) == (
        "the model file names posix.system, which is not on the list of what a model may hold. `taxiway pack --trust` "
        "loads a file of your own, and leaves out what predictions do not need; your own transformers and functions "
        "belong into function/model/custom.py"
    )
    assert refusal(PROTOCOL_4 + named("sklearn.linear_model", "LogisticRegression") + pickle.STOP) == (
        "the model file names sklearn.linear_model.LogisticRegression, "
        "which is not an estimator of the installed scikit-learn"
    )
    reason = refusal(PROTOCOL_4 + named("\x1b[31m\n" + "x" * 1000, "y") + pickle.STOP)
    assert reason.isprintable()
    assert len(reason) < 500


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("sklearn.pipeline", "FunctionTransformer"),
        ("sklearn.pipeline", "Pipeline.fit"),
        ("sklearn.pipeline", "clone"),
        ("sklearn.linear_model._base", "np"),
        ("sklearn.linear_model._base.os", "system"),
        ("sklearn.linear_model._none", "Model"),
        ("sklearn.tree.tests.test_tree", "DecisionTreeClassifier"),
        ("sklearn.conftest", "pytest"),
        ("sklearn.utils._mocking", "CheckingClassifier"),
        ("sklearn.callback._scoring_monitor", "ScoringMonitor"),
        ("sklearn..linear_model", "LogisticRegression"),
        ("sklearn.dummy ", "DummyClassifier"),
        ("function.model.loaded", "LoadedModel"),
        ("sklearn.metrics._dist_metrics", "PyFuncDistance64"),
        ("builtins", "type"),
    ],
)
def test_names_beside_the_list(module: str, name: str) -> None:
    """Neither what a listed module imports, nor what tests define, nor what is within a class is admitted."""
    assert "names" in refusal(PROTOCOL_4 + named(module, name) + pickle.STOP)


BOMB = bytes(2**25)


@pytest.mark.parametrize(
    "compressed",
    [
        zlib.compress(BOMB),
        gzip.compress(BOMB),
        bz2.compress(BOMB),
        lzma.compress(BOMB, preset=1),
        lzma.compress(BOMB, format=lzma.FORMAT_ALONE, preset=1),
    ],
    ids=["zlib", "gzip", "bz2", "xz", "lzma"],
)
def test_compressed_bomb(compressed: bytes) -> None:
    """What comes out is counted, and its excess is never made."""
    assert len(compressed) < 2**16
    tracemalloc.start()
    with pytest.raises(Refused, match="holds more than 1048576 bytes"):
        unpickle(compressed, 2**20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**23


def test_lzma_dictionary_is_bounded() -> None:
    """A header may ask for a dictionary of gigabytes."""
    huge = lzma.compress(b"", format=lzma.FORMAT_ALONE)
    assert "compression is damaged" in refusal(huge[:1] + b"\x00\x00\x00\x80" + huge[5:])


def wrapper(**changes: Any) -> bytes:
    """Write a joblib file of one array whose wrapper says something else."""
    made = NumpyArrayWrapper(np.ndarray, (2,), "C", np.dtype("f8"))
    vars(made).update(changes)
    return pickle.dumps(made, protocol=3)[:-1] + b"\x01\xff" + bytes(16) + pickle.STOP


def test_wrapper_is_what_joblib_writes() -> None:
    """The wrapper is read when nothing is changed about it."""
    assert load(wrapper()).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": (10**11,)},
        {"shape": (2**62, 4)},
        {"shape": (-1, -2)},
        {"shape": [2]},
        {"shape": (2.0,)},
        {"shape": (1,) * 65},
        {"shape": (0, 2**80)},
        {"dtype": np.dtype("V100000000")},
        {"dtype": np.dtype("V0"), "shape": (10**12,)},
        {"dtype": "f8"},
        {"order": "A"},
        {"dtype": np.dtype(object)},
    ],
    ids=str,
)
def test_array_larger_than_its_file(changes: dict[str, Any]) -> None:
    """An array's size is compared with the bytes that are there before any memory is taken."""
    tracemalloc.start()
    refusal(wrapper(**changes))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**21


def laughs() -> bytes:
    """Write lists of ten times the list before, thirty deep: few, however long they would be if written out."""
    deeper = pickle.MARK + (pickle.BINGET + b"\x00") * 10 + pickle.LIST + pickle.BINPUT + b"\x00"
    return PROTOCOL_4 + pickle.EMPTY_LIST + pickle.BINPUT + b"\x00" + deeper * 30 + pickle.STOP


def test_billion_laughs() -> None:
    """References are no copies: such a file is small however it is looked at."""
    tracemalloc.start()
    made = load(laughs())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(made) == 10
    assert peak < 2**20


def many(operation: bytes) -> bytes:
    """Do one thing over and over, and keep it all."""
    return PROTOCOL_4 + pickle.MARK + operation * 4_000_000 + pickle.LIST + pickle.STOP


@pytest.mark.parametrize(
    "operation",
    [pickle.EMPTY_SET, pickle.EMPTY_DICT, pickle.MARK, pickle.NONE + pickle.MEMOIZE],
    ids=["sets", "dicts", "marks", "memo"],
)
def test_many_small_objects(operation: bytes) -> None:
    """A byte of a pickle may be hundreds of bytes of objects, so they are counted."""
    assert "takes far more memory" in refusal(many(operation))


LARGE = bytes(2**20)
ATTRIBUTES = {f"attribute{number}": None for number in range(10_000)}
FLOATS = np.dtype("f8")


@pytest.mark.parametrize(
    "copy",
    [
        lambda: Reduced(RECONSTRUCT, (np.ndarray, (0,), b"b"), (1, (2**17,), FLOATS, False, LARGE)),
        lambda: Reduced(RECONSTRUCT, (np.ndarray, (0,), b"b"), (1, (10_000,), np.dtype("O"), False, [*ATTRIBUTES])),
        lambda: Reduced(SCALAR, (np.dtype("S1048576"), LARGE)),
        lambda: Reduced(set, ([*ATTRIBUTES],)),
        lambda: Reduced(codecs.encode, ("x" * 2**20, "latin1")),
    ],
    ids=["arrays", "objects", "scalars", "sets", "bytes"],
)
def test_many_copies_of_one_large_thing(copy: Callable[[], Reduced]) -> None:
    """What a pickle has once it may hand to a call again and again; what the calls copy is counted."""
    once = copy()
    whole = Reduced(*once.reduced)
    assert load(pickle.dumps(whole)) is not None
    # The same arguments each time: the pickle holds them once.
    data = pickle.dumps([Reduced(*once.reduced) for _ in range(3000)])
    assert len(data) < MAX_BYTES // 4
    assert "takes far more memory" in refusal(data)


def test_many_copies_of_attributes() -> None:
    """The attributes of one object may be given to thousands."""
    data = PROTOCOL_4 + pickle.dumps(ATTRIBUTES, protocol=2)[2:-1] + pickle.POP
    once = DUMMY + pickle.BINGET + b"\x00" + pickle.BUILD
    assert "takes far more memory" in refusal(data + pickle.MARK + once * 3000 + pickle.LIST + pickle.STOP)


@pytest.mark.parametrize("code", [pickle.BYTEARRAY8, pickle.BINBYTES8, pickle.BINUNICODE8, pickle.FRAME])
@pytest.mark.parametrize("length", [2**40, 2**63])
def test_promised_length(code: bytes, length: int) -> None:
    """A length beyond the file's end takes no memory."""
    tracemalloc.start()
    refusal(PROTOCOL_4 + code + length.to_bytes(8, "little") + b"x" + pickle.STOP)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


def test_deep_nesting_does_not_end_the_process() -> None:
    """Hashing a tuple of a tuple of a tuple and so on overflows the stack; such a thing is no key."""
    deep = pickle.EMPTY_TUPLE + pickle.TUPLE1 * 100_000
    for filled in (
        pickle.EMPTY_DICT + deep + pickle.NONE + pickle.SETITEM,
        pickle.EMPTY_DICT + pickle.MARK + deep + pickle.NONE + pickle.SETITEMS,
        pickle.MARK + deep + pickle.NONE + pickle.DICT,
        pickle.MARK + deep + pickle.FROZENSET,
        pickle.EMPTY_SET + pickle.MARK + deep + pickle.ADDITEMS,
        named("builtins", "set") + pickle.MARK + deep + pickle.LIST + pickle.TUPLE1 + pickle.REDUCE,
    ):
        assert "has a key that is neither" in refusal(PROTOCOL_4 + filled + pickle.STOP)
    names = pickle.MARK + text("V8") + pickle.NEWFALSE + pickle.NEWTRUE + pickle.TUPLE + pickle.REDUCE
    fields = pickle.MARK + pickle.NONE * 3 + deep + pickle.TUPLE1 + pickle.EMPTY_DICT + pickle.NONE * 3 + pickle.TUPLE
    assert "has a " in refusal(PROTOCOL_4 + named("numpy", "dtype") + names + fields + pickle.BUILD + pickle.STOP)


def test_deep_arrays_do_not_end_the_process() -> None:
    """Each array of objects is a pickle within the pickle, however deep."""
    head = wrapper(dtype=np.dtype(object), shape=(1,)).split(b"\x01\xff")[0]
    assert "RecursionError" in refusal(head * 5000)


def test_colliding_keys() -> None:
    """Whole numbers that are the same in a dict's eyes would take it hours."""
    colliding = {number * (2**61 - 1): None for number in range(1, 4)}
    assert "too large for a key" in refusal(pickle.dumps(colliding))
    assert "under an invalid number" in refusal(b"Np" + str(2**61 - 1).encode() + b"\n.")


@pytest.mark.parametrize(
    "target",
    [
        named("sklearn.dummy", "DummyClassifier"),
        named("sklearn.model_selection._split", "KFold"),
        named("numpy", "log1p"),
        named("numpy", "float64"),
        named("builtins", "set"),
        named("numpy", "ndarray"),
        pickle.EMPTY_LIST,
        pickle.NONE,
    ],
    ids=["estimator", "class", "function", "type", "constructor", "token", "list", "none"],
)
@pytest.mark.parametrize("slots", [False, True])
def test_attributes_of_what_is_no_instance(target: bytes, slots: bool) -> None:  # noqa: FBT001 - pytest passes it so
    """A class whose method is replaced would be poisoned for the whole process."""
    state = pickle.EMPTY_DICT + text("predict") + pickle.NONE + pickle.SETITEM
    state = pickle.NONE + state + pickle.TUPLE2 if slots else state
    assert "gives attributes to" in refusal(PROTOCOL_4 + target + state + pickle.BUILD + pickle.STOP)
    assert callable(DummyClassifier.predict)


@pytest.mark.parametrize("name", ["__class__", "__array_interface__", "__setstate__", "__dict__", "__sklearn_tags__"])
def test_attributes_python_or_numpy_would_obey(name: str) -> None:
    """An attribute of such a name may make numpy read at any address."""
    model = DummyClassifier()
    vars(model)[name] = {"data": (1, False), "shape": (1,), "typestr": "<f8", "version": 3}
    assert "something other than attributes" in refusal(pickle.dumps(model))


def test_items_numpy_would_obey() -> None:
    """A Bunch answers for its items when it is asked for attributes."""
    assert load(pickle.dumps(Bunch(a=1))).a == 1
    assert "name is not allowed" in refusal(
        pickle.dumps(Bunch(__array_interface__={"data": (1, False), "shape": (1,)}))
    )


@pytest.mark.parametrize("state", [(None, {"strategy": "prior"}), [("strategy", "prior")], {1: 2}, "strategy"], ids=str)
def test_attributes_in_another_form(state: Any) -> None:
    """Slots would be set by `setattr`, a class among them."""
    built = PROTOCOL_4 + DUMMY + pickle.dumps(state, protocol=2)[2:-1] + pickle.BUILD + pickle.STOP
    assert "something other than attributes" in refusal(built)


@pytest.mark.parametrize(
    "finish",
    [
        text("x") + pickle.APPEND,
        pickle.MARK + text("x") + pickle.APPENDS,
        text("x") + text("y") + pickle.SETITEM,
        pickle.MARK + text("x") + text("y") + pickle.SETITEMS,
        pickle.MARK + text("x") + pickle.ADDITEMS,
        text("x") + pickle.TUPLE1 + pickle.REDUCE,
    ],
    ids=["append", "appends", "setitem", "setitems", "additems", "reduce"],
)
def test_methods_put_there_by_the_file(finish: bytes) -> None:
    """An estimator's own `append` is never called, nor is the estimator."""
    planted = pickle.EMPTY_DICT
    for name in ("append", "extend", "add"):
        planted += text(name) + named("numpy", "log1p") + pickle.SETITEM
    reason = refusal(PROTOCOL_4 + DUMMY + planted + pickle.BUILD + finish + pickle.STOP)
    assert "something other than" in reason or "may not be called" in reason


@pytest.mark.parametrize(
    "call",
    [
        Reduced(np.log1p, (1.0,)),
        Reduced(accuracy_score, ([0], [0])),
        Reduced(DummyClassifier, ()),
        Reduced(functools.partial, (np.log1p,)),
        Reduced(functools.partial, (check_array,), (check_array, (), {"estimator": 1}, None)),
        Reduced(BIT_GENERATOR, ("MT19937",)),
        Reduced(GENERATOR, ("MT19937",)),
        Reduced(slice, ([], [], [])),
        Reduced(set, (range(10**12),)),
        Reduced(codecs.encode, ("x", "rot13")),
        Reduced(codecs.encode, (b"x", "zlib")),
        Reduced(bytes, (10**12,)),
        Reduced(Tree, (4, np.array([2], dtype=np.intp), 1000)),
        Reduced(Tree, (4, np.array([-2], dtype=np.intp), 1)),
        Reduced(CyHuberLoss, ("1",)),
        Reduced(KDTree([[0.0]]).__reduce__()[0], (DummyClassifier,)),
    ],
    ids=lambda call: re.sub(r" at 0x[0-9a-f]+", "", str(call.reduced[:2]))[:60],
)
def test_calls_with_other_arguments(call: Reduced) -> None:
    """What may be named may not be called, and what may be called looks at what it is given."""
    refusal(pickle.dumps(call))


LYING = [
    ("O8", (3, "|", None, None, None, -1, -1, 0)),
    ("V8", (3, "|", None, ("a",), {"a": (np.dtype("O"), 0)}, 8, 1, 0)),
    ("V8", (3, "|", (np.dtype("O"), (1,)), None, None, 8, 1, 0)),
    ("V8", (3, "|", None, ("a",), {"a": (np.dtype("f8"), 4)}, 8, 1, 0)),
    ("f8", (3, "<", None, ("a",), {"a": (np.dtype("f8"), 0)}, 8, 1, 0)),
    ("V8", (3, "|", None, tuple(map(str, range(99))), {}, 8, 1, 0)),
    ("M8", (4, "<", None, None, None, -1, -1, 0, (None, (b"ns); import os", 1, 1, 1)))),
    ("f8,O", (3, "<", None, None, None, -1, -1, 0)),
    ("T16", (3, "<", None, None, None, -1, -1, 0)),
]


@pytest.mark.parametrize(("name", "state"), LYING, ids=str)
def test_lying_data_type(name: str, state: Any) -> None:
    """A data type that said it held no objects would make pointers of the file's bytes."""
    dtype = Reduced(np.dtype, (name, False, True), state)
    array = Reduced(RECONSTRUCT, (np.ndarray, (0,), b"b"), (1, (1,), dtype, False, b"x" * 8))
    refusal(pickle.dumps(array))


@pytest.mark.parametrize(
    "state",
    [
        (1, (3,), np.dtype("O"), False, [1]),
        (1, (1,), np.dtype("O"), False, (1,)),
        (1, (1,), np.dtype("O"), False, b"x" * 8),
        (1, (10**12,), np.dtype("f8"), False, b"x" * 8),
        (1, (-1,), np.dtype("f8"), False, b""),
        (1, (1,), "f8", False, b"x" * 8),
        (1, (1,), np.dtype("f8"), False, "x" * 8),
    ],
    ids=str,
)
def test_array_and_state_disagree(state: Any) -> None:
    """Otherwise numpy would read a list that is too short beyond its end."""
    refusal(pickle.dumps(Reduced(RECONSTRUCT, (np.ndarray, (0,), b"b"), state)))


def test_state_given_twice() -> None:
    """What was checked does not change afterwards."""
    once = pickle.dumps(np.dtype("f8"), protocol=2)[2:-1]
    state = once[once.rindex(b"(") : -1]
    assert once.endswith(state + pickle.BUILD)
    refusal(PROTOCOL_4 + once + state + pickle.BUILD + pickle.STOP)
    early = PROTOCOL_4 + once[: once.rindex(b"(")] + pickle.BINPUT + b"\x09" + state + pickle.BUILD
    assert load(early + pickle.BINGET + b"\x09" + pickle.TUPLE2 + pickle.STOP) == (FLOATS, FLOATS)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
@pytest.mark.parametrize("place", [-1, 99])
def test_sparse_matrix_beyond_its_bounds(kind: str, place: int) -> None:
    """For scipy does not look where such a matrix points."""
    matrix = sparse.eye_array(3, format=kind)
    (matrix.coords[0] if kind == "coo" else matrix.indices)[1] = place
    assert "indices outside its shape" in refusal(dumped(matrix))
    if kind != "coo":
        matrix = sparse.eye_array(3, format=kind)
        matrix.indptr[-1] = place
        assert "indices outside its shape" in refusal(dumped(matrix))


def tree_state(field: str, value: int) -> Reduced:
    """Change a node of a tree."""
    tree = DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1]).tree_
    function, arguments, state = tree.__reduce__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"][field][0] = value
    return Reduced(function, arguments, state)


@pytest.mark.parametrize(("field", "value"), [("left_child", 0), ("right_child", 10**9), ("feature", 7)])
def test_tree_that_leads_astray(field: str, value: int) -> None:
    """Predicting would go in circles, or read beyond the tree."""
    assert "has a tree" in refusal(pickle.dumps(tree_state(field, value)))


def test_tree_of_another_size_than_it_says() -> None:
    """The number of nodes is theirs."""
    whole = tree_state("feature", 0)
    assert load(pickle.dumps(whole)).node_count == 3
    whole.reduced[2]["node_count"] = 10**9
    assert "has a tree" in refusal(pickle.dumps(whole))


@pytest.mark.parametrize(("field", "value"), [("left", 0), ("right", 10**6), ("bitset_idx", 10**6)])
def test_boosted_tree_with_invalid_child_nodes(field: str, value: int) -> None:
    """The trees of histogram gradient boosting are looked at too."""
    rows = np.arange(60.0)[:, None] % 3
    model = HistGradientBoostingRegressor(max_iter=1, min_samples_leaf=2, categorical_features=[0])
    model.fit(rows, rows[:, 0] % 2)
    assert load(dumped(model)).predict(rows).tolist() == model.predict(rows).tolist()
    vars(model)["_predictors"][0][0].nodes[field][0] = value
    assert "invalid child nodes" in refusal(dumped(model))


@pytest.mark.parametrize("part", [1, 2, 3])
def test_neighbours_tree_beyond_its_bounds(part: int) -> None:
    """Neither its rows, nor its nodes, nor their bounds are of another size than its data."""
    function, arguments, state = KDTree(np.arange(20.0)[:, None], leaf_size=2).__reduce__()
    changed = [*state]
    changed[part] = state[part][:, :-1] if part == 3 else state[part] + 99 if part == 1 else state[part][:-1]
    assert load(pickle.dumps(Reduced(function, arguments, state))).query([[3.2]])[1].tolist() == [[3]]
    assert "has a neighbours' tree" in refusal(pickle.dumps(Reduced(function, arguments, tuple(changed))))


def test_random_generator_beyond_its_end() -> None:
    """Otherwise numpy would go on behind the generator's numbers."""
    function, arguments, state = np.random.RandomState(0).__reduce__()
    assert load(pickle.dumps(np.random.RandomState(0))).randint(10) == 5
    state["state"]["pos"] = 10**6
    assert "beyond its end" in refusal(pickle.dumps(Reduced(function, arguments, state)))


def test_vectorizer_that_opens_files() -> None:
    """With `input="filename"` a caller's text would be a path, and the answer would tell what is in the file."""
    assert load(dumped(CountVectorizer())).input == "content"
    assert "an unsupported input" in refusal(dumped(CountVectorizer(input="filename")))
    assert "method name is not text" in refusal(dumped(CountVectorizer(input=1)))


def writing_pipeline() -> Any:
    """Write a file while predicting: the first step takes the path out of its rows, the second calls `tofile`."""
    stack = StackingClassifier([("content", DummyClassifier())])
    vars(stack).update(estimators_=[np.bytes_(b"content")], stack_method_=["tofile"])
    vars(stack)["final_estimator_"] = DummyClassifier()
    return make_pipeline(FunctionTransformer(np.max), stack)


def test_methods_called_by_name(tmp_path: Path) -> None:
    """A stacking estimator's choice of methods would call any, so the choice is looked at once all is loaded."""
    model, path = writing_pipeline(), tmp_path / "written"
    with contextlib.suppress(AttributeError):
        model.predict(np.array([[str(path)]], dtype=object))
    assert path.read_bytes() == b"content"
    assert "unsupported stack_method_" in refusal(dumped(model))
    scorer = make_scorer(accuracy_score)
    vars(scorer)["_response_method"] = ("predict", "tofile")
    assert "unsupported _response_method" in refusal(dumped({"scorer": scorer}))


def test_methods_chosen_later() -> None:
    """A list that is in its place already may still grow while the file is read."""
    made = estimator("sklearn.ensemble._stacking", "StackingClassifier") + pickle.EMPTY_DICT + text("stack_method_")
    made += pickle.EMPTY_LIST + pickle.BINPUT + b"\x00" + pickle.SETITEM + pickle.BUILD
    later = pickle.BINGET + b"\x00" + text("tofile") + pickle.APPEND + pickle.POP
    assert load(PROTOCOL_4 + made + pickle.STOP).stack_method_ == []
    assert "unsupported stack_method_" in refusal(PROTOCOL_4 + made + later + pickle.STOP)


def test_legacy_formats() -> None:
    """Old formats of joblib read other files, by names that the file chooses."""
    for made in (NDArrayWrapper("other.npy", np.ndarray), ZNDArrayWrapper("other.z", (), ())):
        assert "joblib.numpy_pickle_compat" in refusal(pickle.dumps(made))
    assert "older than 0.10" in refusal(b"ZF" + b"0x10".ljust(19) + zlib.compress(b"N."))
    assert "lz4" in refusal(b"\x04\x22\x4d\x18" + bytes(20))


def test_operations_no_model_needs() -> None:
    """Persistent ids, registered extensions, buffers from outside and Python 2's strings are refused."""
    for operation in (
        b"Pid\n",
        pickle.NONE + pickle.BINPERSID,
        pickle.EXT1 + b"\x01",
        pickle.EXT2 + b"\x01\x00",
        pickle.EXT4 + b"\x01\x00\x00\x00",
        pickle.NEXT_BUFFER,
        pickle.SHORT_BINSTRING + b"\x01x",
        pickle.NONE + pickle.DUP,
        DUMMY[:-2] + pickle.EMPTY_TUPLE + pickle.EMPTY_DICT + pickle.NEWOBJ_EX,
    ):
        assert "no model needs" in refusal(PROTOCOL_4 + operation + pickle.STOP)


def test_registered_extension() -> None:
    """A name that the process has registered under a number is not admitted for it."""
    copyreg.add_extension("os", "system", 200)
    try:
        assert pickle.loads(PROTOCOL_4 + pickle.EXT1 + b"\xc8.") is os.system  # noqa: S301 - what is shown
        assert "no model needs" in refusal(PROTOCOL_4 + pickle.EXT1 + b"\xc8.")
    finally:
        copyreg.remove_extension("os", "system", 200)


def models() -> dict[str, Any]:
    """Small models, whose files are cut and damaged below."""
    rows, labels = np.random.default_rng(0).random((20, 3)), [0, 1] * 10
    words = np.array([["a"], ["b"]] * 10, dtype=object)
    encoder = make_column_transformer((OneHotEncoder(), [0]))
    return {
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels),
        "encoder": make_pipeline(encoder, LogisticRegression()).fit(words, labels),
        "tree": DecisionTreeClassifier(max_depth=2, random_state=np.random.RandomState(0)).fit(rows, labels),
        "neighbours": KNeighborsClassifier(algorithm="ball_tree").fit(rows, labels),
        "boosting": HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=2).fit(rows, labels),
        "sparse": KNeighborsClassifier().fit(sparse.csr_matrix(rows), labels),
    }


@pytest.fixture(scope="module")
def fitted() -> dict[str, Any]:
    """The models, fitted once."""
    return models()


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("lzma", 1), ("xz", 1)], ids=str)
def test_cut_anywhere(fitted: dict[str, Any], compress: Any) -> None:
    """Every beginning of a file is refused, at whatever place it ends."""
    data = dumped(fitted["encoder"], compress)
    load(data)
    for length in range(0, len(data) - 1, 3):
        refusal(data[:length])


@pytest.mark.parametrize("name", ["pipeline", "encoder", "tree", "neighbours", "boosting", "sparse"])
@pytest.mark.parametrize("write", [dumped, pickle.dumps, lambda model: pickle.dumps(model, protocol=0)])
def test_damaged_anywhere(fitted: dict[str, Any], name: str, write: Callable[[Any], bytes]) -> None:
    """Whatever bits are turned over, the file is refused or is a model: nothing else is raised, nothing crashes."""
    data = write(fitted[name])
    chance = random.Random(name)  # noqa: S311 - the same each time
    for _ in range(100):
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        with contextlib.suppress(Refused), np.errstate(all="ignore"):
            load(bytes(damaged))


@pytest.mark.parametrize("data", [b"", b"\x00", b"PK\x03\x04", b"<html>", b"not a pickle", b"\x80\x04", b"x", b"."])
def test_no_joblib_file(data: bytes) -> None:
    """What is something else altogether is refused in a sentence."""
    assert refusal(data).startswith(("the model file", "the file"))


def test_name_instead_of_a_model() -> None:
    """A file that holds a name only is no model."""
    assert "holds a name" in refusal(PROTOCOL_4 + named("numpy", "ndarray") + pickle.STOP)


def test_larger_than_allowed() -> None:
    """A file that is not compressed is measured too."""
    with pytest.raises(Refused, match="more than 10 bytes"):
        unpickle(dumped(DummyClassifier()), 10)


def test_old_joblib() -> None:
    """The installed version is named."""
    check_joblib("1.6.0")
    check_joblib("2.0.dev0")
    with pytest.raises(Refused, match=r"1\.5\.3 is installed"):
        check_joblib("1.5.3")


def test_version_of_scikit_learn() -> None:
    """The version that wrote a file is told, and scikit-learn's warning about it stays out of the way."""
    assert unpickle(dumped(StandardScaler()), MAX_BYTES).sklearn_version == version("scikit-learn")
    assert unpickle(dumped([1, 2]), MAX_BYTES).sklearn_version is None
    made = version("scikit-learn").encode()
    older = dumped(StandardScaler()).replace(made, b"0" + made[1:])
    assert unpickle(older, MAX_BYTES).sklearn_version == f"0{made[1:].decode()}"
    assert "invalid version" in refusal(dumped(StandardScaler()).replace(made, b"\n" + made[1:]))
