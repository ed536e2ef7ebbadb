"""Steps of the schema, one file each in versions/, run at every start (see storage/migrate.py)."""
