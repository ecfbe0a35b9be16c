"""Engines that make deliverables."""
