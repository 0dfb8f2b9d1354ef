"""Mail as other programs keep it in files: mbox, Maildir, folders of ``.eml``; and the facts of a store."""
