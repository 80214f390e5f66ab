"""The service under stress: overload, slow clients, mixed loads, uploads, and a process that is frozen."""
