"""What the ports stand for: stores, pool directories, clocks and files."""
