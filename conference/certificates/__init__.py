"""Which certificate the server shows: its own authority's, or the one it was given."""
