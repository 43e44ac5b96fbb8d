"""Editorial tools for a booklet: check its content folder against the printed booklet, and map the lines."""
