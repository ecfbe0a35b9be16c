"""The words of direction, as tables."""
