"""The arrays of Cartera, each named once with its type and shape."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

Rows = Annotated[NDArray[np.int32], "shape (n,): numbers of items or customers"]
Scores = Annotated[NDArray[np.float32], "shape (n_items,) or (n_customers, n_items)"]
Factors = Annotated[NDArray[np.float32], "shape (n, n_factors)"]
Vector = Annotated[NDArray[np.float32], "shape (n_factors,)"]
Mask = Annotated[NDArray[np.bool_], "shape (n_items,)"]
Codes = Annotated[NDArray[np.int32], "shape (n_items,): place in a list of names, -1 for none"]
Money = Annotated[NDArray[np.float64], "shape (n_items,): per unit; nan where unknown"]
Blob = Annotated[NDArray[np.uint8], "shape (n_bytes,): texts end to end, UTF-8"]
Offsets = Annotated[NDArray[np.int64], "shape (n + 1,): where each text begins and ends"]
Arrays = Mapping[str, NDArray[Any]]
