"""Invoices and credit notes as readers see them: on a page and as PDF."""
