"""Pictures show themselves in notebooks."""

import subprocess
import sys

from IPython.core.formatters import PNGFormatter

from stgraph.plots.style import blank

PNG = b"\x89PNG\r\n\x1a\n"


def test_a_notebook_asks_a_figure_for_its_picture_and_gets_1200_pixels() -> None:
    drawn = PNGFormatter()(blank(3, title="a title"))
    assert drawn.startswith(PNG)
    assert int.from_bytes(drawn[16:20], "big") == 1200


def test_it_needs_no_pyplot() -> None:
    """IPython itself sets figures up to be drawn as soon as pyplot is imported; before, they must do it themselves."""
    script = (
        "import sys; from IPython.core.formatters import PNGFormatter; from stgraph.plots.style import blank; "
        "drawn = PNGFormatter()(blank(3)); print(drawn[:4], 'matplotlib.pyplot' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert found.strip() == f"{PNG[:4]!r} False"
