"""The command ``jupyter rtc``: looks at servers and documents, runs notebooks, and helps when something is wrong."""
