"""What a document means: its content as plain values, its digest, and how to change it gently."""
