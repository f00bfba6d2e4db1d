"""A figure that a notebook shows by itself."""

from io import BytesIO

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure of matplotlib that a notebook draws where it is the value of a cell, also if pyplot was never imported.

    Figures are drawn in notebooks by what pyplot sets up when it is imported, and no picture here needs pyplot.
    """

    def _repr_png_(self) -> bytes:
        """Return the picture as PNG, as IPython asks for it."""
        file = BytesIO()
        self.savefig(file, format="png", facecolor="white")
        return file.getvalue()
