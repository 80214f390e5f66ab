"""The allow-list of names in a model file.

Every name is listed in full, because a name may contain dots and a prefix would allow too much. The one rule
beside the tables is for estimators: see `estimator_class`.
"""

import importlib
import re
from collections.abc import Mapping
from types import FunctionType
from typing import Any

Names = Mapping[str, frozenset[str]]


def _names(table: Mapping[str, str]) -> Names:
    return {module: frozenset(names.split()) for module, names in table.items()}


VALUES = _names(
    {
        "builtins": "bool complex float int object str",
        "numpy": "abs absolute arcsinh arctan bool bool_ cbrt ceil clip complex128 complex64 cos cosh deg2rad exp exp2 "
        "expm1 float16 float32 float64 floating floor int16 int32 int64 int8 integer log log10 log1p log2 longlong max "
        "mean median min nan_to_num negative number object_ positive ravel reciprocal rint round sign signedinteger "
        "sin sinh sqrt square std str_ sum tan tanh trunc uint16 uint32 uint64 uint8 ulonglong unsignedinteger var",
        "pandas": "NA",
        "pandas._libs.missing": "NA",
        "scipy._lib.array_api_compat.numpy._aliases": "asarray",
        "scipy.special._special_ufuncs": "expit logit",
        "scipy.special._ufuncs": "expit logit",
        "sklearn.cluster._kmeans": "_kmeans_single_elkan _kmeans_single_lloyd",
        "sklearn.feature_selection._mutual_info": "mutual_info_classif mutual_info_regression",
        "sklearn.feature_selection._univariate_selection": "chi2 f_classif f_oneway f_regression r_regression",
        "sklearn.metrics._classification": "accuracy_score balanced_accuracy_score brier_score_loss "
        "cohen_kappa_score d2_brier_score d2_log_loss_score f1_score fbeta_score hamming_loss hinge_loss "
        "jaccard_score log_loss matthews_corrcoef precision_score recall_score zero_one_loss",
        "sklearn.metrics._ranking": "average_precision_score coverage_error dcg_score "
        "label_ranking_average_precision_score label_ranking_loss ndcg_score roc_auc_score top_k_accuracy_score",
        "sklearn.metrics._regression": "d2_absolute_error_score d2_pinball_score d2_tweedie_score "
        "explained_variance_score max_error mean_absolute_error mean_absolute_percentage_error "
        "mean_gamma_deviance mean_pinball_loss mean_poisson_deviance mean_squared_error mean_squared_log_error "
        "mean_tweedie_deviance median_absolute_error r2_score root_mean_squared_error root_mean_squared_log_error",
        "sklearn.metrics._scorer": "negative_likelihood_ratio positive_likelihood_ratio",
        "sklearn.metrics.cluster._supervised": "adjusted_mutual_info_score adjusted_rand_score completeness_score "
        "fowlkes_mallows_score homogeneity_score mutual_info_score normalized_mutual_info_score rand_score "
        "v_measure_score",
        "sklearn.metrics.pairwise": "additive_chi2_kernel chi2_kernel cosine_distances cosine_similarity "
        "euclidean_distances haversine_distances laplacian_kernel linear_kernel manhattan_distances "
        "nan_euclidean_distances polynomial_kernel rbf_kernel sigmoid_kernel",
    }
)
"""Functions and types that attributes may hold. Loading never calls them. Predicting may, on a caller's rows: all
only compute."""

CLASSES = _names(
    {
        "scipy.interpolate._bsplines": "BSpline _BSpline",
        "scipy.sparse._coo": "coo_array coo_matrix",
        "scipy.sparse._csc": "csc_array csc_matrix",
        "scipy.sparse._csr": "csr_array csr_matrix",
        "sklearn._loss.link": "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit",
        "sklearn._loss.loss": "AbsoluteError ExponentialLoss HalfBinomialLoss HalfBinomialLossArrayAPI HalfGammaLoss "
        "HalfMultinomialLoss HalfMultinomialLossArrayAPI HalfPoissonLoss HalfPoissonLossArrayAPI HalfSquaredError "
        "HalfTweedieLoss HalfTweedieLossIdentity HuberLoss PinballLoss",
        "sklearn.calibration": "_CalibratedClassifier",
        "sklearn.cluster._birch": "_CFNode _CFSubcluster",
        "sklearn.cluster._bisect_k_means": "_BisectingTree",
        "sklearn.compose._column_transformer": "make_column_selector",
        "sklearn.ensemble._hist_gradient_boosting.predictor": "TreePredictor",
        "sklearn.gaussian_process.kernels": "CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation "
        "Matern PairwiseKernel Product RBF RationalQuadratic Sum WhiteKernel",
        "sklearn.metrics._scorer": "_CurveScorer _MultimetricScorer _PassthroughScorer _Scorer",
        "sklearn.model_selection._split": "GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut LeaveOneOut "
        "LeavePGroupsOut LeavePOut PredefinedSplit RepeatedKFold RepeatedStratifiedKFold ShuffleSplit "
        "StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit TimeSeriesSplit _CVIterableWrapper",
        "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
        "sklearn.utils._bunch": "Bunch",
        "sklearn.utils._metadata_requests": "MetadataRequest MethodMetadataRequest",
    }
)
"""Classes other than estimators of which fitted models hold instances. An instance is created empty, then gets its
attributes."""

OWN_MODULE = "function.model.custom"
"""The module for custom classes and functions; it is deployed with the function."""
OWN_MODULES = (OWN_MODULE, "function.model.date_parts")
"""That module, and the module of the transformers that training uses."""

_ESTIMATOR_MODULE = re.compile(
    r"sklearn\.(calibration|cluster|compose|covariance|cross_decomposition|decomposition|discriminant_analysis|dummy"
    r"|ensemble|feature_extraction|feature_selection|frozen|gaussian_process|impute|isotonic|kernel_approximation"
    r"|kernel_ridge|linear_model|manifold|mixture|model_selection|multiclass|multioutput|naive_bayes|neighbors"
    r"|neural_network|pipeline|preprocessing|random_projection|semi_supervised|svm|tree)"
    # Importing a module runs it, so tests and their setup are not imported.
    r"(\.(?!test|conftest|setup)[a-z_][a-z0-9_]*)*",
    re.ASCII,
)


def resolve(module: str, name: str) -> Any:
    """Return the object of an allowed name, or None if the installed libraries do not have it."""
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def may_hold_estimators(module: str) -> bool:
    """Return whether a module may define estimators, judging by its name, before anything is imported."""
    return module in OWN_MODULES or _ESTIMATOR_MODULE.fullmatch(module) is not None


def own_function(module: str, name: str) -> FunctionType | None:
    """Return the function that the module for custom code defines as `name`, or None. Loading never calls it."""
    found = resolve(module, name) if module == OWN_MODULE and name.isidentifier() else None
    return found if isinstance(found, FunctionType) and _is_defined_there(found, module, name) else None


def _is_defined_there(found: Any, module: str, name: str) -> bool:
    return (found.__module__, found.__qualname__) == (module, name)


def estimator_class(module: str, name: str) -> type | None:
    """Return the estimator that `module` defines as `name`, or None.

    A class that the module only imports does not count: its `__module__` and `__qualname__` must match the arguments.
    """
    if not may_hold_estimators(module) or not name.isidentifier():
        return None
    from sklearn.base import BaseEstimator

    found, base = resolve(module, name), object if module == OWN_MODULE else BaseEstimator
    if not isinstance(found, type) or not issubclass(found, base) or issubclass(found, type):
        return None
    return found if _is_defined_there(found, module, name) else None
