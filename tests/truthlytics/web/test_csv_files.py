"""CSV files that spreadsheets open."""

from decimal import Decimal

from django.test import SimpleTestCase

from truthlytics.web.csv_files import csv_response


class CsvTests(SimpleTestCase):
    def test_text_is_never_a_formula_and_numbers_stay_numbers(self):
        rows = [["=1+1", "+49", "-x", "@SUM(A1)", "\tx", "a=b", Decimal("-9.00"), None]]
        response = csv_response("a.csv", rows)
        self.assertEqual(response.getvalue().decode(), "'=1+1,'+49,'-x,'@SUM(A1),'\tx,a=b,-9.00,\r\n")
        self.assertEqual(response["Content-Disposition"], 'attachment; filename="a.csv"')

    def test_no_cell_is_a_formula_where_semicolons_separate_cells(self):
        text = 'A;=1+1;"@SUM(A1);b=c; d\n-x'
        expected = '"A;\'=1+1;""\'@SUM(A1);b=c; d\n\'-x"\r\n'
        self.assertEqual(csv_response("a.csv", [[text]]).getvalue().decode(), expected)
