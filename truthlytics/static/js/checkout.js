// On an order's page: continue to the payment page, and check the payment on the way back. Both also work by hand.
// replace() leaves this page out of the history, so that Back leads from the payment page to the cart.
const link = document.querySelector("a[data-follow]");
if (link) location.replace(link.href);

document.querySelector("form[data-submit-once]")?.submit();
