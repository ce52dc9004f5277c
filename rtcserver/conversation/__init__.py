"""What is said and heard: history, responses, engine. Pure; imports turns and floor 1."""
