"""Hash-chained, ordered memory: one chain per stream, committed before anyone is told."""
