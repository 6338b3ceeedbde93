"""One module per `keguan` command."""
