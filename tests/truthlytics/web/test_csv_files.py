"""CSV files that spreadsheets open."""

from decimal import Decimal

from django.test import SimpleTestCase

from truthlytics.env import BASE_DIR
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

    def test_every_file_is_written_by_the_one_function_that_prevents_formulas(self):
        apps = ("articles", "comments", "subscriptions", "truthlytics")
        sources = {path.name: path.read_text() for app in apps for path in (BASE_DIR / app).rglob("*.py")}
        writers = [name for name, text in sources.items() if "csv.writer" in text or "DictWriter" in text]
        self.assertEqual(writers, ["csv_files.py"])
