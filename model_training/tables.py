"""Reading tables that people bring."""

from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError


class BadTable(Exception):
    """A file that is no table to work with; `str(error)` says why."""


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV file with a header; text columns are objects, with NaN for missing.

    Raises:
        BadTable: saying what is the matter with the file.
    """
    try:
        table = pd.read_csv(path)
    except OSError as error:
        raise BadTable(f"{path} can't be read: {error.strerror}") from None
    except EmptyDataError:
        raise BadTable(f"{path} is empty") from None
    except UnicodeDecodeError:
        raise BadTable(f"{path} is not UTF-8") from None
    except ParserError as error:
        raise BadTable(f"{path} is no CSV file: {str(error).strip()}") from None
    if not len(table):
        raise BadTable(f"{path} has a header but no rows")
    return table.astype({name: object for name in table if table[name].dtype == "str"})
