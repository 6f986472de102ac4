"""Rules of jupyter_rtc.datastore.values."""
