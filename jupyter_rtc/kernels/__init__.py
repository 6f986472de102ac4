"""The supernode's second half: kernels and the shared documents agree; a run belongs to the document.

Where to look:

* asking for runs: ``kernels``, ``asked``, ``gathering``, ``burst``, ``wanted``, ``texts``, ``source_hash``
* one kernel and its runs: ``kernel``, ``queue``, ``places``, ``run``, ``work``, ``ending``, ``reasons``, ``answering``
* the kernel's process: ``process``, ``restarts``, ``activity``
* the way to it and back: ``wire``, ``socket_reader``, ``message``, ``listener``, ``comms``, ``inputs``
* how it shows in documents: ``writer``, ``standing``, ``records``, ``cells``, ``cell_runs``, ``absences``,
  ``next_input``, ``facts``
* outputs too large to share: ``left_aside``, ``tidying``
* what outlives a room: ``remembered``, ``recovery``, ``kept``
* for all of them: ``surroundings``, ``contained``
"""
