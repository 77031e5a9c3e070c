"""Addresses of this department."""

from django.urls import path

from dossier.sales.screens import entry, lines, order, orders

urlpatterns = [
    path("orders/", orders.order_list, name="orders"),
    path("orders/lines/", lines.line_list, name="order-lines"),
    path("orders/new", entry.order_new, name="order-new"),
    path("orders/<int:pk>", order.order_detail, name="order"),
    path("orders/<int:pk>/edit", entry.order_edit, name="order-edit"),
    path("orders/<int:pk>/void", entry.order_void_page, name="order-void"),
]
