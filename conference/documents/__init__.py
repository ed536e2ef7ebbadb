"""Documents: what a session agrees on, who signed it, and the paper it becomes."""
