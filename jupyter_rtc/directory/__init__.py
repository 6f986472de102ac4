"""What this server has, as tables in the room ``jupyter``; and what users ask it to do, in rooms of their own."""
