"""What is said and heard: history, response life, heard-truth, engine. Pure; imports turns and the floor-1 rooms."""
