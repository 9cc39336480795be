"""WHAT WE SEE: the coordinators' Monday digest."""
