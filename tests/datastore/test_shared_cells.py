"""Rules of jupyter_rtc.datastore.shared_cells."""
