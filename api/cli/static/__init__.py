"""Exports a release as files, with the nginx configuration that serves them."""
