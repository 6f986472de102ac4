"""Who hears what: rooms, the hub that runs them, outboxes and the websocket handler."""
