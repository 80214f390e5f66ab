"""The web pages: their files, and the responses that send them to a browser."""
