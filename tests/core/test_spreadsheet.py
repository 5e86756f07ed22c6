"""A table that is opened in a spreadsheet shows its cells and runs none of them."""

import csv

import pytest

from murph.core.spreadsheet import csv_lines


def written(cell: str) -> str:
    _, row = csv.reader(csv_lines(["column"], [[cell]]))
    return row[0]


@pytest.mark.parametrize("sign", "=+-@|＝＋－＠｜﹦")
@pytest.mark.parametrize(
    "before", ["", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\t", "\r", "\n", " \u200b"]
)
def test_what_starts_like_a_formula_is_only_shown(before: str, sign: str) -> None:
    cell = f"{before}{sign}HYPERLINK(1,2)"

    assert written(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["\tx", "\rx"])
def test_what_starts_with_the_end_of_a_cell_is_only_shown(cell: str) -> None:
    assert written(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "  ", "5.00", "-5.00", "-5", "T-17", "a=b", " x", "ａ＝ｂ", "ö|x"])
def test_all_else_stays_as_it_is(cell: str) -> None:
    assert written(cell) == cell


def test_a_number_with_more_than_a_number_is_no_number() -> None:
    assert written("-5+cmd") == "'-5+cmd"
