"""Content folders and the database: loaded, exported, verified, and, where a story must vanish, suppressed."""
