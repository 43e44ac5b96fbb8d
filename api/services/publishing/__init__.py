"""Releases: comparing the working copy with the public content, checking the changes, and publishing them."""
