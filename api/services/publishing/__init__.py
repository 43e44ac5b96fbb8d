"""Releases: what is compared, checked and made public."""
