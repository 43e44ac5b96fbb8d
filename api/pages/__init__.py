"""Pages for people. They are rendered on the server, in both languages, and load no files from other hosts."""
