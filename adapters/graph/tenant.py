"""The tenant that everybody with a mailbox is of."""

from uuid import UUID

TENANT = UUID("5b0f1c9e-7a44-4c1b-9d53-6c6574746572")
"""The tenant that ``@odata.id`` names beside a user: everyone with a mailbox in a store is of one."""
