"""A slice is what reading every code would find."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.arrays import Codes
from models.slices import Slices

N_CODES = 5
CODES = arrays(np.int32, st.integers(0, 40), elements=st.integers(-1, N_CODES - 1))


@given(codes=CODES, wanted=st.sets(st.integers(0, N_CODES - 1)))
def test_a_slice_holds_the_rows_of_its_codes_in_order(codes: Codes, wanted: set[int]) -> None:
    expected = [row for row, code in enumerate(codes.tolist()) if code in wanted]

    slices = Slices.of(codes, N_CODES)

    assert slices.of_codes(list(wanted)).tolist() == expected
    assert slices.of_codes(list(wanted)).dtype == np.int32
    assert slices.count(list(wanted)) == len(expected)
