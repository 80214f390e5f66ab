"""What the real google provider sends, to be played to the local cloud.

`calls.json` has, for each resource type, calls that the provider made and the answers that it was content with.
The local cloud must answer with the same status, with all the keys, and with the fields that were sent; numbers,
times and etags are its own.
"""
