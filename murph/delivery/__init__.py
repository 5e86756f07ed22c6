"""Who gets the bytes of a video: playback addresses that work only while a session is live."""
