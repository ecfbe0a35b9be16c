"""What firstframe costs, measured on the machine at hand: `python -m benchmarks`."""
