"""How bodies are read and responses written, by path, Content-Type and Accept."""
