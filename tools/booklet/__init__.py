"""Editorial tools: compare a content folder with its printed booklet, and show which text each line became."""
