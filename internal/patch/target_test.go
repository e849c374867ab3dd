package patch

import "testing"

// TestTargetOfRef: a reference without a value has the one that its $ref names.
func TestTargetOfRef(t *testing.T) {
	o := tolerant()
	o.Values.DropRefs = true
	user := load(t, userType, `{"userName":"a","`+enterpriseURN+`":{"division":"D","manager":{"value":"5"}}}`)
	for ops, want := range map[string]string{
		`{"op":"replace","path":"` + enterpriseURN + `:manager","value":{"$ref":"https://x/v2/Users/77"}}`:             `{"value":"77"}`,
		`{"op":"add","value":{"` + enterpriseURN + `":{"manager":{"$ref":"../Users/77"}}}}`:                            `{"value":"77"}`,
		`{"op":"replace","path":"` + enterpriseURN + `:manager","value":{"value":"6","$ref":"https://x/v2/Users/77"}}`: `{"value":"6"}`,
		`{"op":"replace","path":"` + enterpriseURN + `:manager","value":{"$ref":"77"}}`:                                `{"value":"5"}`,
	} {
		after, _, err := send(user, message(`[`+ops+`]`), o)
		if err != nil {
			t.Errorf("%s: %v", ops, err)
			continue
		}
		if w := load(t, userType, `{"userName":"a","`+enterpriseURN+`":{"division":"D","manager":`+want+`}}`); !after.Equal(w) {
			t.Errorf("%s:\n%s, want manager %s", ops, after.Bytes(), want)
		}
	}
	group := load(t, groupType, `{"displayName":"G"}`)
	for _, value := range []string{`{"$ref":"/Users/7"}`, `[{"$ref":"/Users/7"}]`} {
		after, _, err := send(group, message(`[{"op":"add","path":"members","value":`+value+`}]`), o)
		if w := load(t, groupType, `{"displayName":"G","members":[{"value":"7"}]}`); err != nil || !after.Equal(w) {
			t.Errorf("%s: %v, %v", value, after, err)
		}
	}
	for _, value := range []string{`{"$ref":"7"}`, `[{"$ref":"7"}]`, `{"display":"x"}`} {
		if _, _, err := send(group, message(`[{"op":"add","path":"members","value":`+value+`}]`), o); scimType(err) != invalidValue {
			t.Errorf("%s: %v, want %s", value, err, invalidValue)
		}
	}
}
