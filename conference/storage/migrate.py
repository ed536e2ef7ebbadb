"""Brings a database to the newest schema, step by step, inside the caller's transaction.

Does what alembic's env.py would do, as a function: importing this package runs nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from conference.storage.schema import metadata


class NewerDatabase(Exception):
    """The data was written by a newer version of this program, which alone may go on with it."""


def migrate(connection: Connection) -> None:
    """Run every step that is missing; NewerDatabase when its step is not known here."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    script = ScriptDirectory.from_config(config)

    def steps(revision: Any, context: MigrationContext) -> Sequence[Any]:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        try:
            environment.run_migrations()
        except CommandError as error:
            raise NewerDatabase(str(error)) from None
