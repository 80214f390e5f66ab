"""The page for a person: its files, and how a browser gets them."""
