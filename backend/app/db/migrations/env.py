"""Alembic's environment: runs on the connection that app/db/session.py hands over, in one transaction.

Not imported by the app; Alembic loads it from the installed package, no alembic.ini needed.
Tests: tests/test_db/test_migrations.py
"""

from alembic import context

from app.db.models import Base

connection = context.config.attributes["connection"]
on_sqlite = connection.dialect.name == "sqlite"
if on_sqlite:
    # SQLite changes a table by copying it: with enforcement on, dropping the old one would delete its children.
    # Said to the driver, because the pragma does nothing inside a transaction.
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")

context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=on_sqlite, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
    if on_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"the migration leaves rows without their parents: {broken[:5]}")
connection.commit()
