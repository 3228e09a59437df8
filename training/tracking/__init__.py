"""MLflow: runs, registered versions, promotion. No other room imports it."""
