"""JupyterLab's own wire contract, on top of relay and supernode."""
