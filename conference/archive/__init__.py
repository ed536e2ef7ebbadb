"""Reading back what was kept."""
