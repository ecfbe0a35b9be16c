"""Templates: one product and a few axes become many heroes. Pure functions over text; the command line reads the files."""
