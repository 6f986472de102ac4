"""The supernode's second half: kernels and the shared documents agree; a run belongs to the document."""
