"""Addresses of this department."""

from django.urls import path

from dossier.customers.screens import (
    categories,
    detail,
    edit,
    home,
    lists,
    pairs,
    parts,
    search,
    steps,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search_page, name="search"),
    path("search/suggest", search.suggest, name="search-suggest"),
    path("customers/", lists.customer_list, name="customers"),
    path("customers/new", edit.customer_new, name="customer-new"),
    path("customers/duplicates", edit.customer_duplicates, name="customer-duplicates"),
    path("duplicates/", pairs.pair_list, name="duplicate-pairs"),
    path("duplicates/<int:pk>/", pairs.pair_page, name="duplicate-pair"),
    path("customers/<int:pk>/", detail.customer_page, name="customer"),
    path("customers/<int:pk>/edit", edit.customer_edit, name="customer-edit"),
    path("customers/<int:pk>/timeline", detail.customer_timeline, name="customer-timeline"),
    path("customers/<int:pk>/archive", steps.archive, name="customer-archive"),
    path("customers/<int:pk>/restore", steps.restore, name="customer-restore"),
    path("customers/<int:pk>/owner", steps.assign, name="customer-assign"),
    path("customers/<int:pk>/contacts/new", parts.contact_new, name="contact-new"),
    path("customers/<int:pk>/accounts/new", parts.bank_account_new, name="bank-account-new"),
    path("contacts/<int:pk>/", parts.contact_page, name="contact"),
    path("contacts/<int:pk>/edit", parts.contact_edit, name="contact-edit"),
    path("contacts/<int:pk>/main", parts.contact_main, name="contact-main"),
    path("accounts/<int:pk>/edit", parts.bank_account_edit, name="bank-account-edit"),
    path("accounts/<int:pk>/usual", parts.bank_account_usual, name="bank-account-usual"),
    path("reveal/sheet/<int:row_id>/<int:column>", parts.sheet_reveal, name="sheet-value-reveal"),
    path("reveal/<slug:table>/<int:row_id>/<slug:field>", parts.reveal, name="value-reveal"),
    path("questions/", steps.question_list, name="questions"),
    path("questions/<int:pk>/", steps.answer, name="question-answer"),
    path("settings/categories/", categories.category_list, name="categories"),
    path("settings/categories/new", categories.category_new, name="category-new"),
    path("settings/categories/<int:pk>/", categories.category_edit, name="category"),
    path("settings/categories/<int:pk>/move", categories.category_move, name="category-move"),
    path(
        "settings/categories/<int:pk>/close", categories.category_close_view, name="category-close"
    ),
    path(
        "settings/categories/<int:pk>/reopen",
        categories.category_reopen_view,
        name="category-reopen",
    ),
    path("settings/categories/<int:pk>/remove", categories.category_remove, name="category-remove"),
]
