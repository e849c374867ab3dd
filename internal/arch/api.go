package arch

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"slices"
	"strings"
)

// An api is what a package exports: one line for each name, and the names that
// have no comment.
type api struct {
	fset         *token.FileSet
	pkg          string
	lines        []string
	undocumented []string
}

// readAPI reads the API of the package called name from its source files.
func readAPI(name string, files []string) (*api, error) {
	a := &api{fset: token.NewFileSet(), pkg: name}
	var parsed []*ast.File
	for _, file := range files {
		f, err := parser.ParseFile(a.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	p, err := doc.NewFromFiles(a.fset, parsed, name)
	if err != nil {
		return nil, err
	}
	a.documented("package comment", p.Doc)
	a.values(p.Consts)
	a.values(p.Vars)
	a.funcs(p.Funcs)
	for _, t := range p.Types {
		a.typ(t)
		a.values(t.Consts)
		a.values(t.Vars)
		a.funcs(t.Funcs)
		a.funcs(t.Methods)
	}
	slices.Sort(a.lines)
	return a, nil
}

func (a *api) add(format string, args ...any) {
	a.lines = append(a.lines, a.pkg+": "+fmt.Sprintf(format, args...))
}

func (a *api) documented(name string, comments ...string) {
	for _, c := range comments {
		if strings.TrimSpace(c) != "" {
			return
		}
	}
	a.undocumented = append(a.undocumented, a.pkg+": "+name)
}

// plain are methods of the standard library's interfaces whose comment could
// only say that they implement them.
var plain = map[string]bool{"Error": true, "String": true, "Unwrap": true, "MarshalJSON": true}

// source prints a node on one line.
func (a *api) source(node any) string {
	var b strings.Builder
	if err := printer.Fprint(&b, a.fset, node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (a *api) funcs(funcs []*doc.Func) {
	for _, f := range funcs {
		if f.Level > 0 {
			continue // promoted from an embedded type
		}
		decl := *f.Decl
		decl.Doc, decl.Body = nil, nil
		a.add("%s", a.source(&decl))
		switch {
		case f.Recv == "":
			a.documented(f.Name, f.Doc)
		case !plain[f.Name]:
			a.documented(strings.TrimPrefix(f.Recv, "*")+"."+f.Name, f.Doc)
		}
	}
}

// values lists constants and variables. A comment on the group documents all
// of it; a constant without a type of its own has that of the one before it.
func (a *api) values(groups []*doc.Value) {
	for _, group := range groups {
		var typ string
		for _, s := range group.Decl.Specs {
			spec := s.(*ast.ValueSpec)
			if spec.Type != nil || len(spec.Values) > 0 {
				typ = ""
			}
			if spec.Type != nil {
				typ = " " + a.source(spec.Type)
			}
			for _, name := range spec.Names {
				if name.IsExported() {
					a.add("%s %s%s", group.Decl.Tok, name.Name, typ)
					a.documented(name.Name, group.Doc, spec.Doc.Text(), spec.Comment.Text())
				}
			}
		}
	}
}

func (a *api) typ(t *doc.Type) {
	a.documented(t.Name, t.Doc)
	for _, s := range t.Decl.Specs {
		spec := s.(*ast.TypeSpec)
		name := "type " + spec.Name.Name
		if spec.TypeParams != nil {
			name += "[" + a.fields(spec.TypeParams) + "]"
		}
		switch typ := spec.Type.(type) {
		case *ast.StructType:
			a.add("%s struct", name)
			a.members(name+" struct", "", typ.Fields, t.Name)
		case *ast.InterfaceType:
			a.add("%s interface", name)
			a.members(name+" interface", "method ", typ.Methods, t.Name)
			if typ.Incomplete {
				a.add("%s interface, unexported methods", name)
			}
		default:
			if spec.Assign.IsValid() {
				name += " ="
			}
			a.add("%s %s", name, a.source(spec.Type))
		}
	}
}

// members lists exported fields and methods. doc has taken out the others.
func (a *api) members(owner, kind string, list *ast.FieldList, typeName string) {
	if list == nil {
		return
	}
	for _, f := range list.List {
		if len(f.Names) == 0 {
			a.add("%s, embedded %s", owner, a.source(f.Type))
		}
		for _, n := range f.Names {
			if _, method := f.Type.(*ast.FuncType); method && kind != "" {
				a.add("%s, method %s%s", owner, n.Name, strings.TrimPrefix(a.source(f.Type), "func"))
				// The comment of an interface of one method is on the interface.
				if len(list.List) > 1 && !plain[n.Name] {
					a.documented(typeName+"."+n.Name, f.Doc.Text(), f.Comment.Text())
				}
			} else {
				a.add("%s, %s %s", owner, n.Name, a.source(f.Type))
			}
		}
	}
}

func (a *api) fields(list *ast.FieldList) string {
	var parts []string
	for _, f := range list.List {
		var names []string
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
		parts = append(parts, strings.Join(names, ", ")+" "+a.source(f.Type))
	}
	return strings.Join(parts, ", ")
}
