"""What a pickle may name, and how that is made."""
