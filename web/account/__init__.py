"""One's own account: password, address for notices, access tokens, and the notices themselves."""
