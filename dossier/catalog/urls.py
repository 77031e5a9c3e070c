"""Addresses of this department."""

from django.urls import path

from dossier.catalog import screens

urlpatterns = [
    path("products/", screens.product_list, name="products"),
    path("products/new", screens.product_new, name="product-new"),
    path("products/<int:pk>", screens.product_detail, name="product"),
    path("products/<int:pk>/edit", screens.product_edit, name="product-edit"),
    path(
        "products/<int:pk>/discontinue",
        screens.product_status,
        {"discontinue": True},
        name="product-discontinue",
    ),
    path(
        "products/<int:pk>/resume",
        screens.product_status,
        {"discontinue": False},
        name="product-resume",
    ),
]
