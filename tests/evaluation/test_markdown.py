"""Markdown tables: a cell stays a cell, whatever is in it."""

from stgraph.evaluation.markdown import markdown_table


def test_every_row_has_as_many_cells_as_there_are_columns() -> None:
    text = markdown_table(("model", "a|b", "MAE"), [("x", "||", "1"), ("y", "", "2")], numbers=1)
    lines = text.splitlines()
    assert lines[1] == "| --- | --- | ---: |"
    assert [line.replace(r"\|", "").count("|") for line in lines] == [4] * 4
    assert markdown_table(("one",), []).splitlines() == ["| one |", "| --- |"]
