package main

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// refusal is what an error says for programs to act on.
type refusal struct {
	code   codes.Code
	reason string
	about  map[string]string
	// wrong names the wrong fields.
	wrong []string
}

// refusalOf reads the typed details of a call's status.
func refusalOf(err error) refusal {
	said := status.Convert(err)
	read := refusal{code: said.Code()}
	for _, detail := range said.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			insist(detail.Domain == "opd.v1", "the domain is %s", detail.Domain)
			read.reason, read.about = detail.Reason, detail.Metadata
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				read.wrong = append(read.wrong, violation.Field)
			}
		}
	}
	return read
}
