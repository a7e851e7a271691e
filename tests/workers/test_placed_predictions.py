"""A row is predicted to the same bit in any place and company, on each kernel that OpenBLAS has."""

import pytest

from tests.workers.blas_kernels import NEEDED_FLAGS, run_on


@pytest.mark.parametrize("kernel", NEEDED_FLAGS)
def test_a_rows_predictions_do_not_depend_on_place_company_or_number_of_rows(kernel: str) -> None:
    answer = run_on(kernel, "tests.workers.placed_predictions")
    assert answer["n_models"] > 50
    assert answer["failed"] == {}
