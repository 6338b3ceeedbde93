"""Papers to print or take away as a workbook: one function gives the rows, page and workbook both draw them."""
