"""The working copy: resources, units, revisions and reviews."""
