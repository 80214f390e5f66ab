"""Say what to do with a model that another version of scikit-learn wrote."""

NUMPY_1 = (1, 4)
"""Up to this version, scikit-learn works with numpy 1 alone."""
OF_NUMPY_1 = ("numpy<2", "pandas<3", "pyarrow<23")
"""The bounds of the other libraries beside numpy 1."""


def differ(made: str | None, here: str) -> bool:
    """Return whether two versions differ in more than their last number."""
    return made is not None and made.split(".")[:2] != here.split(".")[:2]


def describe(made: str | None, here: str) -> str:
    """Return both versions in parentheses, and the way out if they differ in more than the last number; "" if equal."""
    if made is None or made == here:
        return ""
    remedy = f"compile it with its own version: {pack_command(made)} pack --trust MODEL --data SAMPLE"
    way_out = f"; {remedy}" if differ(made, here) else ""
    return f" (made by scikit-learn {made}, read by {here}{way_out})"


def pack_command(made: str) -> str:
    """Return the command that runs `taxiway` with another version of scikit-learn."""
    number = tuple(int(part) for part in made.split(".")[:2] if part.isdecimal())
    bounds = [f"scikit-learn=={made}", *(OF_NUMPY_1 if number <= NUMPY_1 else ())]
    chosen = " ".join(f"--with {bound}" if "<" not in bound else f'--with "{bound}"' for bound in bounds)
    return f"uvx --python 3.11 --from . {chosen} taxiway"
