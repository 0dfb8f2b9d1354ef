"""The command line: the same verbs as everywhere else, at a terminal."""
