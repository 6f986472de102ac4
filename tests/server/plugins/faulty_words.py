"""What is typed to make something fail in a room (``faulty_rooms``)."""

OBSERVER, ROOM = "[the observer breaks]", "[the room breaks]"
