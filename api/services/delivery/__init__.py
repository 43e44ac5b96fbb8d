"""Public reads: resources of one release, completed with names, counts and links; reports; purge keys."""
