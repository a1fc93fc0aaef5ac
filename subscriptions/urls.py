from django.urls import path

from subscriptions.views import account, cart, checkout, emails, plans

app_name = "subscriptions"
urlpatterns = [
    path("subscribe/", plans.plans, name="plans"),
    path("cart/", cart.cart, name="cart"),
    path("cart/lines/", cart.lines, name="cart_lines"),
    path("cart/removal/", cart.removal, name="cart_removal"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/<uuid:uuid>/", checkout.order, name="order"),
    path("checkout/<uuid:uuid>/transfer/", checkout.transfer, name="transfer"),
    path("checkout/<uuid:uuid>/demo/", checkout.demo_payment, name="demo_payment"),
    path("account/", account.account, name="account"),
    path("account/name/", account.name, name="name"),
    path("account/emails/", emails.emails, name="emails"),
    path("account/cancellation/", account.cancellation, name="cancellation"),
    path("account/cancellation/undoing/", account.undoing, name="undoing"),
]
