"""What survives: for each room an ordered log of updates with snapshots below it, and marks."""
