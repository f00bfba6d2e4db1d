"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    r"""Return a Markdown table; the last columns, so many as hold numbers, stand to the right.

    Args:
        columns: their names.
        rows: cells.
        numbers: how many columns at the end hold numbers.

    >>> print(markdown_table(("model", "MAE"), [("a|b", "3.1")], numbers=1))
    | model | MAE |
    | --- | ---: |
    | a\|b | 3.1 |
    """
    rules = ["---"] * (len(columns) - numbers) + ["---:"] * numbers
    lines = [[cell.replace("|", r"\|") for cell in line] for line in (columns, rules, *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
