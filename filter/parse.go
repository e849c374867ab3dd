package filter

import "github.com/scimkit/scimkit/internal/quirk"

// Parse reads a filter (RFC 7644 section 3.4.2.2) within the default Limits.
// An error is a *SyntaxError.
func Parse(text string) (Expr, error) {
	var p Parser
	return p.Parse(text)
}

// ParsePath reads the path of a PATCH operation (RFC 7644 section 3.5.2)
// within the default Limits. An error is a *SyntaxError.
func ParsePath(text string) (Path, error) {
	var p Parser
	return p.ParsePath(text)
}

// A Parser reads filters and PATCH paths. The zero Parser takes what RFC 7644
// takes, with the errata applied and any number of blanks where it has one.
type Parser struct {
	Limits Limits

	// Log tells which deviations of identity providers to take. It is for the
	// packages of this module; nil takes none.
	Log *quirk.Log
}

// Parse reads a filter. An error is a *SyntaxError.
func (p *Parser) Parse(text string) (Expr, error) {
	s, err := p.scanner(text)
	if err != nil {
		return nil, err
	}
	s.blanks()
	if s.pos == len(s.src) {
		return nil, s.fail(s.pos, "the filter is empty")
	}
	e, err := s.or()
	if err != nil {
		return nil, err
	}
	if s.blanks(); s.pos < len(s.src) {
		return nil, s.trailing()
	}
	return e, nil
}

// ParsePath reads a PATCH path. An error is a *SyntaxError.
func (p *Parser) ParsePath(text string) (Path, error) {
	s, err := p.scanner(text)
	if err != nil {
		return Path{}, err
	}
	s.path = true
	s.blanks()
	if s.pos == len(s.src) {
		return Path{}, s.fail(s.pos, "the path is empty")
	}
	path, err := s.patchPath()
	if err != nil {
		return Path{}, err
	}
	if s.blanks(); s.pos < len(s.src) {
		return Path{}, s.fail(s.pos, "the path goes on with %s behind its end", s.token())
	}
	return path, nil
}

func (p *Parser) scanner(text string) (scanner, error) {
	s := scanner{src: text, limits: p.Limits.withDefaults(), log: p.Log}
	if len(text) > s.limits.Bytes {
		return s, s.fail(s.limits.Bytes, "the text is longer than the limit of %d bytes", s.limits.Bytes)
	}
	return s, nil
}

// or reads terms joined by "or", which binds least.
func (s *scanner) or() (Expr, error) {
	first, err := s.and()
	if err != nil || !s.word("or") {
		return first, err
	}
	or := &struct {
		e    Or
		room [2]Expr // most have two terms, and then cost one allocation
	}{}
	or.e.Terms = appendOr(or.room[:0], first)
	for more := true; more; more = s.word("or") {
		next, err := s.and()
		if err != nil {
			return nil, err
		}
		or.e.Terms = appendOr(or.e.Terms, next)
	}
	return &or.e, nil
}

// and reads terms joined by "and".
func (s *scanner) and() (Expr, error) {
	first, err := s.unary()
	if err != nil || !s.word("and") {
		return first, err
	}
	and := &struct {
		e    And
		room [2]Expr
	}{}
	and.e.Terms = appendAnd(and.room[:0], first)
	for more := true; more; more = s.word("and") {
		next, err := s.unary()
		if err != nil {
			return nil, err
		}
		and.e.Terms = appendAnd(and.e.Terms, next)
	}
	return &and.e, nil
}

// appendAnd makes one list of a and (b and c).
func appendAnd(terms []Expr, e Expr) []Expr {
	if and, ok := e.(*And); ok {
		return append(terms, and.Terms...)
	}
	return append(terms, e)
}

func appendOr(terms []Expr, e Expr) []Expr {
	if or, ok := e.(*Or); ok {
		return append(terms, or.Terms...)
	}
	return append(terms, e)
}

// unary reads not ( … ), ( … ), a comparison or a value path. "not" may also
// be the name of an attribute: the parenthesis decides.
func (s *scanner) unary() (Expr, error) {
	s.blanks()
	if s.peek() == '(' {
		return s.group()
	}
	start := s.pos
	if s.foldedPrefix("not") {
		s.pos += len("not")
		s.blanks()
		if s.peek() == '(' {
			x, err := s.group()
			if err != nil {
				return nil, err
			}
			return &Not{x}, nil
		}
		s.pos = start
	}
	return s.primary()
}

// group reads ( filter ).
func (s *scanner) group() (Expr, error) {
	open := s.pos
	if err := s.enter(); err != nil {
		return nil, err
	}
	e, err := s.or()
	if err != nil {
		return nil, err
	}
	if s.blanks(); s.peek() != ')' {
		if s.pos < len(s.src) {
			return nil, s.trailing()
		}
		return nil, s.fail(open, "the parenthesis is not closed")
	}
	s.leave()
	return e, nil
}

func (s *scanner) primary() (Expr, error) {
	start := s.pos
	attr, err := s.attrPath()
	if err != nil {
		return nil, err
	}
	gap := s.blanks()
	if s.peek() == '[' {
		return s.valuePath(attr, start)
	}
	if !gap {
		return nil, s.noOperator()
	}
	c, err := s.compare(attr)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// compare reads operator and value behind an attribute.
func (s *scanner) compare(attr AttrPath) (*Compare, error) {
	if s.terms++; s.terms > s.limits.Terms {
		return nil, s.fail(s.pos, "the filter has more comparisons than the limit of %d", s.limits.Terms)
	}
	op, err := s.operator(attr)
	if err != nil {
		return nil, err
	}
	c := &Compare{Attr: attr, Op: op}
	if op != Pr {
		c.Value, err = s.value(op)
	}
	return c, err
}

// valuePath reads [ filter ] behind an attribute, and what may follow.
func (s *scanner) valuePath(attr AttrPath, start int) (Expr, error) {
	filter, err := s.brackets()
	if err != nil {
		return nil, err
	}
	if s.peek() != '.' {
		return &ValuePath{attr, filter}, nil
	}
	if !s.log.Allows(quirk.ValuePathSub) {
		return nil, s.fail(s.pos, "a filter must not go on behind ']'; put the condition into the brackets: %s[… and …]", s.clip(start, start+len(attr.String())))
	}
	s.pos++
	sub, err := s.name()
	if err != nil {
		return nil, err
	}
	if !s.blanks() {
		return nil, s.noOperator()
	}
	c, err := s.compare(AttrPath{Name: sub})
	if err != nil {
		return nil, err
	}
	s.log.Try(quirk.ValuePathSub)
	return &ValuePath{attr, &And{append(appendAnd(nil, filter), c)}}, nil
}

// brackets reads [ filter ]. Brackets do not nest (errata 4690 and 7322).
func (s *scanner) brackets() (Expr, error) {
	if s.inside {
		return nil, s.fail(s.pos, "brackets must not stand inside brackets")
	}
	open := s.pos
	if err := s.enter(); err != nil {
		return nil, err
	}
	s.inside = true
	if s.blanks(); s.peek() == ']' {
		return nil, s.fail(s.pos, "the brackets are empty")
	}
	e, err := s.or()
	if err != nil {
		return nil, err
	}
	if s.blanks(); s.peek() != ']' {
		if s.pos < len(s.src) {
			return nil, s.trailing()
		}
		return nil, s.fail(open, "the bracket is not closed")
	}
	s.inside = false
	s.leave()
	return e, nil
}

// patchPath reads attrPath / valuePath [subAttr].
func (s *scanner) patchPath() (Path, error) {
	attr, err := s.attrPath()
	if err != nil {
		return Path{}, err
	}
	path := Path{Attr: attr}
	end := s.pos
	if s.blanks(); s.peek() != '[' {
		s.pos = end
		return path, nil
	}
	if s.index() {
		return Path{}, s.fail(s.pos, "SCIM paths have no array index; select an element with a filter, such as [value eq \"…\"]")
	}
	if path.Filter, err = s.brackets(); err != nil {
		return Path{}, err
	}
	if s.peek() == '.' {
		s.pos++
		path.Sub, err = s.name()
	}
	return path, err
}
