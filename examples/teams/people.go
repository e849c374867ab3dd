package main

import (
	"cmp"
	"net/http"
	"net/mail"

	"github.com/scimkit/scimkit/scim"
)

// A person of a tenant, as the product knows people.
type person struct {
	ID         string
	Email      string
	ExternalID string
	GivenName  string
	FamilyName string
	NickName   string
	Photo      string
	Active     bool
	meta       scim.Meta
}

// Name is what a person is called on pages.
func (p *person) Name() string {
	if p.GivenName != "" && p.FamilyName != "" {
		return p.GivenName + " " + p.FamilyName
	}
	return cmp.Or(p.NickName, p.GivenName, p.FamilyName, p.Email)
}

// user is a person in SCIM.
type user struct {
	ID         string  `scim:"id"`
	ExternalID string  `scim:"externalId"`
	UserName   string  `scim:"userName"`
	GivenName  string  `scim:"name.givenName"`
	FamilyName string  `scim:"name.familyName"`
	NickName   string  `scim:"nickName"`
	Active     bool    `scim:"active"`
	Emails     []email `scim:"emails"`
	Photo      string  `scim:"photos[type eq \"photo\"].value"`
}

type email struct {
	Value   string `scim:"value"`
	Type    string `scim:"type"`
	Primary bool   `scim:"primary"`
}

// resource gives the person as SCIM shows it.
func (p *person) resource() (*scim.Resource, error) {
	r, err := scim.NewResource(userType, user{
		ID: p.ID, ExternalID: p.ExternalID, UserName: p.Email,
		GivenName: p.GivenName, FamilyName: p.FamilyName, NickName: p.NickName,
		Active: p.Active, Emails: []email{{p.Email, "work", true}}, Photo: p.Photo,
	})
	if err != nil {
		return nil, err
	}
	r.SetMeta(p.meta)
	return r, nil
}

// take takes over what a client made of the person. A person has one e-mail
// address, which is the userName: what a client says in emails does not count,
// not even if it is another address. Refusing it would stop clients that map two
// attributes of theirs (Entra ID: userPrincipalName and mail), and following it
// would change the name by which clients find the person.
func (p *person) take(r *scim.Resource) error {
	var u user
	if err := r.Decode(&u); err != nil {
		return err
	}
	if !isEmail(u.UserName) {
		return &scim.Error{Status: http.StatusBadRequest, Type: "invalidValue", Detail: "userName: an e-mail address is needed."}
	}
	p.ExternalID, p.Email = u.ExternalID, u.UserName
	p.GivenName, p.FamilyName, p.NickName = u.GivenName, u.FamilyName, u.NickName
	p.Photo = cmp.Or(u.Photo, r.String("photos.value"))
	if r.Has("active") { // otherwise it stays as it was
		p.Active = u.Active
	}
	p.meta = r.Meta()
	return nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && len(s) <= 254
}
