"""The requests that are understood: method, path, parameter type, and the function that answers."""

import re
from collections.abc import Callable
from typing import Any

from tests.fakestripe.invoices import subscription_of
from tests.fakestripe.portal import Portal
from tests.fakestripe.requests import ApiError, coerce, params
from tests.fakestripe.store import Object, merge_metadata

LATEST = 1 << 62


def _retrieve(kind: str) -> Callable[..., Object]:
    return lambda fake, id: fake.get(id, kind)


def _list(kind: str, url: str) -> Callable[..., Object]:
    def answer(
        fake: Portal,
        limit: int = 10,
        starting_after: str | None = None,
        ending_before: str | None = None,
        created: Any = None,
        **where: Any,
    ) -> Object:
        # A checkout may get its customer later.
        by_customer = {"customer": where["customer"]} if kind != "checkout.session" and "customer" in where else {}
        found = fake.all(kind, **by_customer)
        if kind == "subscription":
            found = _with_status(found, where.pop("status", None))
        if kind == "invoice" and (subscription := where.pop("subscription", None)):
            invoices = fake.all(kind, customer=fake.get(subscription)["customer"])
            found = [invoice for invoice in invoices if subscription_of(invoice) == subscription]
        if kind == "invoice_payment" and (payment := where.pop("payment", None)):
            found = [obj for obj in found if obj["payment"] == payment]
        if isinstance(created, dict):
            low = max(created.get("gte", 0), created.get("gt", -1) + 1)
            high = min(created.get("lt", LATEST), created.get("lte", LATEST - 1) + 1)
            found = [obj for obj in found if low <= obj["created"] < high]
        unknown = [name for name in where if found and name not in found[0]]
        assert not unknown, f"Lists of {kind} can't be filtered by {unknown} here"
        found = [obj for obj in found if all(obj.get(name) == value for name, value in where.items())]
        return fake.page(found, url, limit=limit, starting_after=starting_after, ending_before=ending_before)

    return answer


def _with_status(subscriptions: list[Object], status: str | None) -> list[Object]:
    if status == "all":
        return subscriptions
    if status in (None, "ended"):
        ended = {"canceled", "incomplete_expired"}
        return [obj for obj in subscriptions if (obj["status"] in ended) == (status == "ended")]
    return [obj for obj in subscriptions if obj["status"] == status]


def _update(kind: str) -> Callable[..., Object]:
    def answer(fake: Portal, id: str, metadata: Any = None, **data: Any) -> Object:
        obj = fake.get(id, kind)
        merge_metadata(obj, metadata)
        for name, value in data.items():
            obj[name] = {**obj[name], **value} if isinstance(value, dict) and isinstance(obj.get(name), dict) else value
        fake.emit(f"{kind}.updated", obj)
        return obj

    return answer


ONE = r"/v1/{}/([\w-]+)"
Route = tuple[str, str, Any, Callable[..., Object]]
ROUTES: list[Route] = []


def _resource(url: str, kind: str, module: str, **answers: Callable[..., Object]) -> None:
    """Add routes for a resource; `module` is the stem of the SDK's parameter modules."""
    folder, _, stem = module.rpartition(".")
    name = "".join(word.title() for word in stem.strip("_").split("_"))

    def typed(verb: str) -> Any:
        return params(f"{folder + '.' if folder else ''}{stem}_{verb}_params:{name}{verb.title()}Params")

    ROUTES.append(("GET", ONE.format(url), typed("retrieve"), _retrieve(kind)))
    ROUTES.append(("GET", f"/v1/{url}", typed("list"), _list(kind, f"/v1/{url}")))
    for verb, answer in answers.items():
        path = {"create": f"/v1/{url}", "update": ONE.format(url), "cancel": ONE.format(url)}
        method = "DELETE" if verb == "cancel" else "POST"
        ROUTES.append((method, path.get(verb, f"{ONE.format(url)}/{verb}"), typed(verb), answer))


_resource("customers", "customer", "_customer", create=Portal.create_customer, update=_update("customer"))
_resource("products", "product", "_product", create=Portal.create_product, update=_update("product"))
_resource("prices", "price", "_price", create=Portal.create_price, update=_update("price"))
_resource("coupons", "coupon", "_coupon", create=Portal.create_coupon, update=_update("coupon"))
_resource(
    "promotion_codes",
    "promotion_code",
    "_promotion_code",
    create=Portal.create_promotion_code,
    update=_update("promotion_code"),
)
_resource(
    "checkout/sessions",
    "checkout.session",
    "checkout._session",
    create=Portal.create_session,
    expire=Portal.expire_session,
)
_resource(
    "subscriptions",
    "subscription",
    "_subscription",
    create=Portal.create_subscription,
    update=Portal.update_subscription,
    cancel=Portal.cancel_subscription,
)
ROUTES.append(
    (
        "POST",
        "/v1/invoices/create_preview",
        params("_invoice_create_preview_params:InvoiceCreatePreviewParams"),
        Portal.create_preview,
    )
)
_resource("invoices", "invoice", "_invoice", pay=Portal.pay_invoice)
_resource("invoice_payments", "invoice_payment", "_invoice_payment")
_resource("payment_intents", "payment_intent", "_payment_intent")
_resource("payment_methods", "payment_method", "_payment_method")
_resource("charges", "charge", "_charge")
_resource("refunds", "refund", "_refund", create=Portal.create_refund)
_resource("disputes", "dispute", "_dispute")
_resource("webhook_endpoints", "webhook_endpoint", "_webhook_endpoint", create=Portal.create_webhook_endpoint)
_resource(
    "billing_portal/configurations",
    "billing_portal.configuration",
    "billing_portal._configuration",
    create=Portal.create_portal_configuration,
    update=_update("billing_portal.configuration"),
)
ROUTES.append(
    (
        "POST",
        "/v1/billing_portal/sessions",
        params("billing_portal._session_create_params:SessionCreateParams"),
        Portal.create_portal_session,
    )
)
ROUTES.append(("GET", "/v1/events", params("_event_list_params:EventListParams"), Portal.list_events))
ROUTES.append(("GET", ONE.format("events"), None, Portal.retrieve_event))


def answer(fake: Portal, method: str, path: str, raw: dict[str, Any]) -> tuple[Object, Object]:
    """Return the checked parameters and the answer to a request. Raises ApiError."""
    for verb, pattern, hint, handler in ROUTES:
        if verb == method and (match := re.fullmatch(pattern, path)):
            expand = list(raw.pop("expand", {}).values())
            data = coerce(raw, hint) if hint else raw
            return data, fake.expanded(handler(fake, *match.groups(), **data), expand)
    raise ApiError(404, f"Unrecognized request URL ({method}: {path})")
