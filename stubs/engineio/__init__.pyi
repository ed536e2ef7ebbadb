"""The names of python-engineio that this project uses."""
