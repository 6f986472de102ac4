"""Who hears what: rooms, the hub that runs them, outboxes and the websocket handler.

Where to look:

* a connection: ``websocket``, ``session``, ``outbox``
* one room, without I/O: ``room``, ``member``, ``presence``, ``changes``, ``doubts``, ``names``, ``lineage``, ``sign``,
  ``ready``
* what does as rooms ask: ``pump``, ``late_marks``, ``lasting``
* all rooms: ``hub``, ``open_room``, ``opening``, ``attempts``, ``seed``, ``closing``, ``upkeep``, ``way_back``,
  ``settings``
* histories: ``history``, ``compaction``, ``whole``
* for others: ``live``, ``room_status``
* for all of them: ``containment``, ``spare_memory``
"""
