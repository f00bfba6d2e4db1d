"""Pictures of forecasts, errors and networks."""
