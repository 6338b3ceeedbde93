"""What several pages show alike: an open step with its form, how far a case is, its application, files and money."""
