"""Reading next year's guide (申报指南): its text in, a draft catalogue out, every field with the line it came from."""
