"""Log in with Google, Apple, Microsoft or another OpenID Connect provider, by allauth.

`adapter` decides which account is opened, `trust` whether an address is proof, `staff` which roles need a provider, and
`oidc` talks to the provider.
"""
