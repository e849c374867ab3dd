package main

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/mail"

	"github.com/scimkit/scimkit/schema"
	"github.com/scimkit/scimkit/scim"
)

// userType is what the product has of SCIM's User.
var userType = newUserType()

func newUserType() *scim.ResourceType {
	t := schema.UserType()
	t.Extensions = nil
	t.Schema = t.Schema.Only("userName", "name.givenName", "name.familyName", "displayName", "title", "emails", "active")
	for i := range t.Schema.Attributes {
		if a := &t.Schema.Attributes[i]; a.Name == "userName" {
			a.Description = "The e-mail address with which the user signs in."
		}
	}
	return t
}

// A user of the product. The tags say what the fields are in SCIM, and are all
// that translates between the two.
type user struct {
	ID          string          `scim:"id"`
	ExternalID  string          `scim:"externalId"` // "" if the user has signed up here
	Login       string          `scim:"userName"`   // an e-mail address
	GivenName   string          `scim:"name.givenName"`
	FamilyName  string          `scim:"name.familyName"`
	DisplayName string          `scim:"displayName"`
	Title       string          `scim:"title"`
	Emails      json.RawMessage `scim:"emails"` // for notifications, kept as they come
	Active      bool            `scim:"active"`
	meta        scim.Meta
}

// Name is what the user is called on pages.
func (u *user) Name() string { return cmp.Or(u.DisplayName, u.GivenName, u.FamilyName, u.Login) }

// resource gives the user as SCIM shows it.
func (u *user) resource() (*scim.Resource, error) {
	r, err := scim.NewResource(userType, u)
	if err != nil {
		return nil, err
	}
	r.SetMeta(u.meta)
	return r, nil
}

// take takes over what a client made of the user.
func (u *user) take(r *scim.Resource) error {
	active := u.Active
	if err := r.Decode(u); err != nil {
		return err
	}
	if !r.Has("active") { // then it stays as it was
		u.Active = active
	}
	if !isEmail(u.Login) {
		return &scim.Error{Status: http.StatusBadRequest, Type: "invalidValue", Detail: "userName: an e-mail address is needed."}
	}
	u.meta = r.Meta()
	return nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && len(s) <= 254
}
