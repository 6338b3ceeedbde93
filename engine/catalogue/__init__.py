"""The guide's directions (申报方向): what is offered, who may apply, and what must be delivered."""
