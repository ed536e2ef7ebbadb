"""The door to the database: SQLite by default, PostgreSQL by the same schema."""
