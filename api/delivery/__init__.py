"""The layer in front of the framework: answers that were made once, given again as long as they are right."""
