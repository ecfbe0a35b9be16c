"""The command line: from a brief to a library, and the local stack that does the work."""
