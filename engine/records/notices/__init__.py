"""Notices to people (通知): on the screen for each account they concern, and by e-mail where it has an address."""
