"""What is wrong: with the sensors of a network, or with their data."""

from stgraph.anomaly.check import check as check
from stgraph.anomaly.findings import RULES as RULES
from stgraph.anomaly.health import Health as Health
from stgraph.anomaly.health_report import write_health as write_health
from stgraph.anomaly.health_settings import HealthSettings as HealthSettings
