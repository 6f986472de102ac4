"""Documents and the server's world: what makes files agree with documents, and documents with files."""
