// Package scim is a SCIM 2.0 service provider (RFC 7643, RFC 7644) for an
// application that has users and groups already: identity providers such as
// Okta and Microsoft Entra ID create, change and deactivate them.
//
//	users := newPeople() // the application's own, a scim.ResourceHandler
//	server, err := scim.NewServer(scim.Config{
//		Endpoints:     []scim.Endpoint{{Type: users.typ, Handler: users}},
//		Authenticator: scim.StaticToken("s3cret"),
//	})
//	if err != nil {
//		log.Fatal(err)
//	}
//	mux := http.NewServeMux()
//	mux.Handle("/scim/v2/", server)
//	log.Fatal(http.ListenAndServe(":8080", mux))
//
// The example of the package has the whole program.
//
// # What is left to the application
//
// A [ResourceHandler]: five methods that load and save the resources of one
// type. Everything that SCIM says happens in the [Server]: it reads requests and
// checks them against the schema, it parses filters, it computes PUT and PATCH
// inside of the handler's transaction, it answers If-Match, it sorts, pages and
// projects, it writes errors. A handler gets and gives a [Resource], which it
// reads and writes by path, or by a struct of the application's with tags:
//
//	var p person
//	err := r.Decode(&p)               // tags such as `scim:"name.givenName"`
//	r, err := scim.NewResource(t, p)  // t is the endpoint's resource type
//
// What the application does not keep it takes out of the schema
// ([github.com/scimkit/scimkit/schema.Schema.Only]): discovery then does not
// promise it. Package memstore keeps resources in memory, and package storetest
// is the contract of a handler as a test suite.
//
// # Errors
//
// A handler returns [ErrNotFound], [ErrConflict] or [Conflict], an [*Error] with
// a status, a scimType and a sentence of its own, or any other error. The latter
// goes to Config.Logger, and the client gets a bare 500: nothing that the
// application did not mean for a client's eyes reaches it. Every answer that is
// an error is the SCIM error message of RFC 7644 section 3.12, for wrong paths,
// methods, credentials and panics as well.
//
// # Concurrency
//
// A Server and its handlers serve many requests at once. Update and Delete take
// a function, which looks at the resource and decides: the handler calls it
// between loading and saving, under a lock or in a transaction, so that no
// change is lost. If the function fails, the handler stores nothing and returns
// the error. A Resource is a value that belongs to whoever has it; [Resource.Clone]
// costs next to nothing. The version of a resource, its ETag, is that of what a
// handler stores: lists that it computes, such as the groups of a user, may
// change without it.
//
// # Tenants
//
// An [Endpoint] has a Handler for the only tenant, or ForTenant, which gives the
// handler of one of many. The tenant is that of the [Principal] that the
// [Authenticator] has found; where the URL names a tenant, too, by {tenant} in
// Config.BaseURL or in the pattern of the application's mux, it must be the same
// one. Handlers know nothing of other tenants.
//
// # Tolerance
//
// Identity providers do not send what the RFCs say. [Tolerance] has a field for
// each place where the server may go along with that; [Tolerant], the default,
// takes what no correct client is hurt by, [Strict] is the letter of the RFCs.
// Each time, the [Quirk] is counted ([Server.QuirkCounts]), told to
// Config.OnQuirk and logged at level Debug.
package scim
