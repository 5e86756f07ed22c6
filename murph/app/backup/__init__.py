"""Backups: a copy of the database and of the files, with what is needed to trust and to restore it."""
