"""Everything that touches the world, one file or folder for each thing touched."""
