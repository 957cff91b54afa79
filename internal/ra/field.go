package ra

import "errors"

// fieldError ties a fault to the form field that caused it. Pages look for FieldName.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string     { return e.field + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error     { return e.err }
func (e *fieldError) FieldName() string { return e.field }

type faults []error

func (f *faults) add(field string, err error) { *f = append(*f, &fieldError{field, err}) }

func (f faults) join() error { return errors.Join(f...) }
