"""The administrator's pages: users, import, webhooks."""
