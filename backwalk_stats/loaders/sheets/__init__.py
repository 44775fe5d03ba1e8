"""Any data file as a sheet of text: separated text, workbooks, SPSS, Stata, REDCap."""
