from django import forms


class SignupForm(forms.Form):
    display_name = forms.CharField(max_length=60)

    def signup(self, request, user):
        pass
