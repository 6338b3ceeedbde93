"""The JSON API (接口) under /api/v1: the same verbs and permissions as the pages, for programs with a token."""
