"""Tables that people send: CSV and XLSX, read row by row, whoever wrote them."""
