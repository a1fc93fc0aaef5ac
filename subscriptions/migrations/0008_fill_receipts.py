"""Give the receipts and credit notes issued so far their amounts, and payments with tax the provider as its source."""

from django.db import migrations


def fill(apps, schema_editor):
    Payment = apps.get_model("subscriptions", "Payment")
    Receipt = apps.get_model("subscriptions", "Receipt")
    Payment.objects.filter(tax_minor__gt=0).update(tax_kind="provider")
    originals = {}
    for receipt in Receipt.objects.filter(refund=None).select_related("payment").iterator(chunk_size=2000):
        payment = receipt.payment
        Receipt.objects.filter(pk=receipt.pk).update(
            currency=payment.currency, gross_minor=payment.minor, tax_minor=payment.tax_minor, tax_kind=payment.tax_kind
        )
        originals[payment.pk] = receipt.pk
    before = {}
    notes = Receipt.objects.exclude(refund=None).select_related("payment", "refund").order_by("year", "number")
    for note in notes.iterator(chunk_size=2000):
        payment, minor = note.payment, note.refund.minor
        earlier = before.get(payment.pk, 0)
        before[payment.pk] = earlier + minor
        # The same shares as were printed.
        tax = payment.tax_minor * (earlier + minor) // payment.minor - payment.tax_minor * earlier // payment.minor
        Receipt.objects.filter(pk=note.pk).update(
            kind="credit_note", reason="refund", corrects_id=originals.get(payment.pk),
            currency=payment.currency, gross_minor=-minor, tax_minor=-tax, tax_kind=payment.tax_kind,
        )


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0007_tax")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
