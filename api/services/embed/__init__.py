"""What an embed holds and where it is: plain data, read through the delivery services; the pages make HTML of it."""
