package document_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	. "github.com/scimkit/scimkit/internal/document"
	"github.com/scimkit/scimkit/internal/quirk"
)

// tolerant is what most service providers allow.
var tolerant = quirk.Of(quirk.EmptyString, quirk.StringBoolean, quirk.Unwrap, quirk.Wrap,
	quirk.ReferenceShape, quirk.ReferenceEmpty, quirk.SchemasInferred, quirk.UnknownSchema, quirk.UnknownAttribute)

func BenchmarkPost(b *testing.B) {
	body := testdata(b, "post.json")
	tree := NewTree(userType)
	log := &quirk.Log{Allowed: tolerant}
	o := &Options{Limits: limits, Log: log, DropRefs: true}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		tree.Reset(userType)
		if err := tree.Parse(body, o); err != nil {
			b.Fatal(err)
		}
		if err := tree.CheckSchemas(log, nil); err != nil {
			b.Fatal(err)
		}
		if err := tree.Finish(log); err != nil {
			b.Fatal(err)
		}
		tree.Doc()
	}
}

func BenchmarkLoad(b *testing.B) {
	doc, err := create(userType, string(testdata(b, "post.json")), Options{})
	if err != nil {
		b.Fatal(err)
	}
	tree := NewTree(userType)
	b.SetBytes(int64(len(doc.Bytes())))
	b.ReportAllocs()
	for b.Loop() {
		tree.Reset(userType)
		tree.Load(doc)
	}
}

func BenchmarkScan(b *testing.B) {
	body := testdata(b, "post.json")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Scan(body, limits); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValuePath(b *testing.B) {
	doc, err := create(userType, string(testdata(b, "post.json")), Options{})
	if err != nil {
		b.Fatal(err)
	}
	emails := userType.Attr(userType.SubString(0, "emails"))
	value, typ := userType.Attr(emails.Value), userType.Attr(emails.TypeSub)
	b.ReportAllocs()
	for b.Loop() {
		list, _ := doc.Get(emails.ID)
		found := 0
		for it := list.Iter(); ; {
			e, ok := it.Next()
			if !ok {
				break
			}
			if v, _ := e.Member(typ); string(v.Bytes(nil)) == "home" {
				if v, ok := e.Member(value); ok {
					found += len(v.Bytes(nil))
				}
			}
		}
		if found == 0 {
			b.Fatal("nothing found")
		}
	}
}

// BenchmarkTokens reads the same body with jsontext, for comparison.
func BenchmarkTokens(b *testing.B) {
	body := testdata(b, "post.json")
	r := bytes.NewReader(nil)
	d := jsontext.NewDecoder(r)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(body)
		d.Reset(r)
		for {
			if _, err := d.ReadToken(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
