package scim

import "time"

// A User is the User of RFC 7643 section 4.1, with the enterprise extension,
// for [Resource.Decode] and [Resource.Encode].
type User struct {
	ID                string          `scim:"id"`
	ExternalID        string          `scim:"externalId"`
	UserName          string          `scim:"userName"`
	Name              Name            `scim:"name"`
	DisplayName       string          `scim:"displayName"`
	NickName          string          `scim:"nickName"`
	ProfileURL        string          `scim:"profileUrl"`
	Title             string          `scim:"title"`
	UserType          string          `scim:"userType"`
	PreferredLanguage string          `scim:"preferredLanguage"`
	Locale            string          `scim:"locale"`
	Timezone          string          `scim:"timezone"`
	Active            *bool           `scim:"active"` // nil if unassigned
	Password          string          `scim:"password"`
	Emails            []MultiValue    `scim:"emails"`
	PhoneNumbers      []MultiValue    `scim:"phoneNumbers"`
	IMs               []MultiValue    `scim:"ims"`
	Photos            []MultiValue    `scim:"photos"`
	Addresses         []Address       `scim:"addresses"`
	Groups            []Reference     `scim:"groups"` // readOnly for clients
	Entitlements      []MultiValue    `scim:"entitlements"`
	Roles             []MultiValue    `scim:"roles"`
	X509Certificates  []MultiValue    `scim:"x509Certificates"`
	Enterprise        *EnterpriseUser `scim:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	Created           time.Time       `scim:"meta.created"`
	LastModified      time.Time       `scim:"meta.lastModified"`
}

// A Group is the Group of RFC 7643 section 4.2.
type Group struct {
	ID           string      `scim:"id"`
	ExternalID   string      `scim:"externalId"`
	DisplayName  string      `scim:"displayName"`
	Members      []Reference `scim:"members"`
	Created      time.Time   `scim:"meta.created"`
	LastModified time.Time   `scim:"meta.lastModified"`
}

// An EnterpriseUser is the extension of RFC 7643 section 4.3.
type EnterpriseUser struct {
	EmployeeNumber string  `scim:"employeeNumber"`
	CostCenter     string  `scim:"costCenter"`
	Organization   string  `scim:"organization"`
	Division       string  `scim:"division"`
	Department     string  `scim:"department"`
	Manager        Manager `scim:"manager"`
}

// A Name is the name of a user (RFC 7643 section 4.1.1).
type Name struct {
	Formatted       string `scim:"formatted"`
	FamilyName      string `scim:"familyName"`
	GivenName       string `scim:"givenName"`
	MiddleName      string `scim:"middleName"`
	HonorificPrefix string `scim:"honorificPrefix"`
	HonorificSuffix string `scim:"honorificSuffix"`
}

// A MultiValue is an element of emails, phoneNumbers, ims, photos,
// entitlements, roles or x509Certificates (RFC 7643 section 4.1.2).
type MultiValue struct {
	Value   string `scim:"value"`
	Display string `scim:"display"`
	Type    string `scim:"type"`
	Primary bool   `scim:"primary,omitempty"`
}

// An Address is an element of addresses (RFC 7643 section 4.1.2).
type Address struct {
	Formatted     string `scim:"formatted"`
	StreetAddress string `scim:"streetAddress"`
	Locality      string `scim:"locality"`
	Region        string `scim:"region"`
	PostalCode    string `scim:"postalCode"`
	Country       string `scim:"country"`
	Type          string `scim:"type"`
	Primary       bool   `scim:"primary,omitempty"`
}

// A Reference names a resource: an element of a group's members or of a
// user's groups. The engine adds the URL.
type Reference struct {
	Value   string `scim:"value"`
	Display string `scim:"display"`
	Type    string `scim:"type"` // "User" or "Group" for members; "direct" or "indirect" for groups
}

// A Manager is the manager of an enterprise user.
type Manager struct {
	Value       string `scim:"value"`
	DisplayName string `scim:"displayName"` // readOnly for clients
}
