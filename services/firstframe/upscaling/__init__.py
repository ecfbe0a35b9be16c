"""Upscaling: clips brought to delivery size."""
