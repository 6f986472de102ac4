"""What travels between a browser and the relay: messages, their bytes, and bounds on foreign bytes."""
