"""The cells of cache tags."""

from django.test import SimpleTestCase

from truthlytics.web.generations import SLOTS, slot_of


class SlotTests(SimpleTestCase):
    def test_tags_of_similar_numbers_share_cells_no_more_often_than_chance(self):
        """A comment on a recent article must not invalidate the lists that show its neighbours."""
        neighbours = range(900, 1000)
        threads = {slot_of(f"thread:{number}") for number in neighbours}
        shared = sum(slot_of(f"teaser:{number}") in threads for number in neighbours)
        self.assertLess(shared, 10)  # 100 × 100 / 4,096 = 2.4 on average

    def test_every_cell_is_used_about_equally(self):
        slots = [slot_of(f"article:{number}") for number in range(10 * SLOTS)]
        self.assertEqual((min(slots), max(slots)), (0, SLOTS - 1))
        self.assertLess(max(map(slots.count, set(slots[:200]))), 40)
