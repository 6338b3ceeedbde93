"""Bringing in what a bureau already has (数据导入): units, experts, users and applications from a workbook.

Everything in a file is made, or nothing: the caller commits only a `Report` without problems, and a dry run
is the same work taken back.
"""
