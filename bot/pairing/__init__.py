"""WHO WITH WHOM: profiles, requests, offers and pairings."""
