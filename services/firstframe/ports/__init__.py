"""What domain code needs of the outside world, as Protocols."""
