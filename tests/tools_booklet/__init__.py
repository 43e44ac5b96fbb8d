"""Tests of the editorial tools in tools/booklet."""
