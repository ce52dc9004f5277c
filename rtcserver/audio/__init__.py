"""Samples: format, framing, resampling, codecs, playout. Pure; imports `errors` only."""
