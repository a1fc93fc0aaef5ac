// Continue to the payment service, and ask about the payment or the card on the way back. Both also work by hand.
// replace() leaves this page out of the history, so that Back leads from the payment service to the page before.
const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
const link = document.querySelector("a[data-follow]");
if (link && !isBack) location.replace(link.href);
if (!isBack) document.querySelector("form[data-submit]")?.requestSubmit();
