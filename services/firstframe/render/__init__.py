"""The path tracer and the denoiser behind the previz engine."""
