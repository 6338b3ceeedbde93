"""What cases leave behind (档案): attachments, workbooks, statistics."""
