"""The live session: who sits where, who may do what, what each seat learns of it.

`room.py` decides and `state.py` remembers, both without waiting; `service.py` waits.
"""
