"""The one door to money: top up, hold, extend, settle, release."""
