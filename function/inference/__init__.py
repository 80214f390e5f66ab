"""One prediction: what is asked, batching, the result, and its explanation."""
