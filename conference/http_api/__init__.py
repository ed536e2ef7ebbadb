"""The HTTP door: pages, API, health and metrics."""
