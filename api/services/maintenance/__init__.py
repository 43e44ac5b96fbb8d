"""Migrations, backups, compaction and suppression."""
