"""Releases: comparing the working copy with the public content, checking it, and publishing it."""
