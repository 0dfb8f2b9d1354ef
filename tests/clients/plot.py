"""What every client has to do, so that one look into the store afterwards suits them all."""

from itertools import cycle, islice

ALEX, ADELE, DANA = "alexw@contoso.com", "adelev@contoso.com", "danas@contoso.com"

FIRST, FINAL = "Meet for lunch?", "Lunch at noon"
"""What the letter of the main job is called at first, and when it is sent."""

MENU = b"Soup of the day"
"""A small file, ``menu.txt``."""

FLOWER = bytes(islice(cycle(range(251)), 4 * 1024 * 1024))
"""A file that is too large for one request, ``flower.jpg``."""

INVITATION = "Are you in?"
"""A letter from Adele that waits in the Inbox."""

NUMBERS = [f"Number {number:02}" for number in range(12)]
"""What the twelve letters in Archive are called."""
