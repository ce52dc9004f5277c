"""Who has the floor: what was heard, turn detection, the floor table. Pure; imports audio, text."""
