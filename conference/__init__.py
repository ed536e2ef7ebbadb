"""Self-hosted video mediation: live sessions, session rules, recordings that are evidence.

Importing any module of this package opens nothing and starts nothing; only `conference.app`
and the subcommands of `conference.__main__` build live objects.
"""

__version__ = "0.1.0"
