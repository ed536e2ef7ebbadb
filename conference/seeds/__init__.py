"""The demo's stories as data: fictional people and matters."""
