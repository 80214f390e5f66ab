"""The protocols, one module each: decode a request body to a query, and encode predictions and errors."""
