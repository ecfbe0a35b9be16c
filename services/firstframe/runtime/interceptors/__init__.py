"""What happens around every call that a server takes."""
