"""Pictures of forecasts, errors and networks, and a page to look around in."""

from stgraph.plots.comparison import difference_by_lead as difference_by_lead
from stgraph.plots.health import health as health
from stgraph.plots.horizon import error_by_lead as error_by_lead
from stgraph.plots.hours import error_by_hour as error_by_hour
from stgraph.plots.leaderboard import leaderboard as leaderboard
from stgraph.plots.map_page import map_page as map_page
from stgraph.plots.network import network as network
from stgraph.plots.sensors import error_by_sensor as error_by_sensor
from stgraph.plots.series import forecast as forecast
from stgraph.plots.style import check_picture as check_picture
from stgraph.plots.style import save as save
