"""Engines that enlarge clips."""
