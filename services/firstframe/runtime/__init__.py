"""One bootstrap for every server and every client: settings, telemetry, errors, slots, stages, drain."""
