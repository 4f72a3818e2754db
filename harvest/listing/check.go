package listing

// CheckSelectors says everything that is wrong with selectors: each error begins with the key that it is about and a
// colon, such as "select.title: ".
func CheckSelectors(s Select, d Detail) (wrong []error) {
	_, inRows := s.compile()
	_, onPages := d.compile()
	for _, err := range []error{inRows, onPages} {
		wrong = append(wrong, apart(err)...)
	}
	return wrong
}

// apart takes joined errors apart, however often they were joined.
func apart(err error) (out []error) {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	for _, one := range joined.Unwrap() {
		out = append(out, apart(one)...)
	}
	return out
}
