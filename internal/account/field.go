package account

// fieldError ties a fault to the form field that caused it. Pages look for FieldName.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string     { return e.field + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error     { return e.err }
func (e *fieldError) FieldName() string { return e.field }

func at(field string, err error) error {
	if err == nil {
		return nil
	}
	return &fieldError{field, err}
}
