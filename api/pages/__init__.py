"""Pages for people: server-rendered, in both languages, with no file from another host."""
