"""BigQuery, as far as remote functions go: connections, datasets, routines, and queries that call them.

`connections`, `datasets` and `routines` are the resources, `locations` says what may call what;
`remote_function` asks a function for a query's rows as BigQuery does.
"""
