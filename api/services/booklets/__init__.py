"""Booklets as folders of files: load, compare, verify and export."""
