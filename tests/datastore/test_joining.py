"""Rules of jupyter_rtc.datastore.joining."""
