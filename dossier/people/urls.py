"""Addresses of this department."""

from django.urls import path

from dossier.people import signin

urlpatterns = [
    path("sign-in/", signin.sign_in, name="sign-in"),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("first-run/", signin.first_run, name="first-run"),
    path("me/sessions/", signin.my_sessions, name="my-sessions"),
    path("me/sessions/everywhere/end", signin.sign_out_everywhere, name="sign-out-everywhere"),
    path("me/sessions/<int:session_id>/end", signin.my_session_end, name="my-session-end"),
    path("me/password/", signin.password_page, name="password-change"),
]
