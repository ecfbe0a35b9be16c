"""Words that every part shares: errors, names, media values, formats and delivery rules. No I/O, no gRPC."""
