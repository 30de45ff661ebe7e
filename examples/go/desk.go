package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	opdv1 "example.com/opd/gen/opd/v1"
)

const (
	date       = "2099-01-31"
	secondsMax = 10 * time.Second
)

// desk is the front desk of one doctor on one day: a doctor and two slots of two seats.
type desk struct {
	client    opdv1.OpdServiceClient
	doctor    *opdv1.Doctor
	nine, ten *opdv1.Slot
	// answered is what each command of the story has answered that it did to the day.
	answered []*opdv1.QueueChange
}

func openDesk(client opdv1.OpdServiceClient) *desk {
	d := &desk{client: client}
	request := &opdv1.CreateDoctorRequest{Name: "Dr Rao", TimeZone: "Asia/Kolkata", RequestId: uuid.NewString()}
	d.doctor = ask(client.CreateDoctor, request).Doctor
	d.nine, d.ten = d.slot("09:00", "10:00"), d.slot("10:00", "11:00")
	return d
}

func (d *desk) slot(start, end string) *opdv1.Slot {
	return ask(d.client.CreateSlot, &opdv1.CreateSlotRequest{
		DoctorId: d.doctor.Id, Date: date, Start: start, End: end, Capacity: 2, RequestId: uuid.NewString(),
	}).Slot
}

func (d *desk) allocate(slot *opdv1.Slot, source opdv1.TokenSource, patient string) *opdv1.Token {
	return d.send(&opdv1.AllocateTokenRequest{
		SlotId: slot.Id, Source: source, PatientRef: patient, RequestId: uuid.NewString(),
	})
}

// send sends a request for a token as it is: a second time under the same request_id it changes nothing.
func (d *desk) send(request *opdv1.AllocateTokenRequest) *opdv1.Token {
	answer := ask(d.client.AllocateToken, request)
	d.answered = append(d.answered, answer.Change)
	return answer.Token
}

func (d *desk) emergency(patient string) *opdv1.Token {
	answer := ask(d.client.InsertEmergency, &opdv1.InsertEmergencyRequest{
		Target:     &opdv1.InsertEmergencyRequest_SlotId{SlotId: d.nine.Id},
		PatientRef: patient, RequestId: uuid.NewString(),
	})
	d.answered = append(d.answered, answer.Change)
	return answer.Token
}

func (d *desk) cancel(token *opdv1.Token) {
	request := &opdv1.CancelTokenRequest{TokenId: token.Id, Reason: "called off", RequestId: uuid.NewString()}
	d.answered = append(d.answered, ask(d.client.CancelToken, request).Change)
}

// call is a unary method of the generated client.
type call[Request, Answer proto.Message] func(context.Context, Request, ...grpc.CallOption) (Answer, error)

// try gives a call its deadline, and lets it wait for a connection where the server is just restarting.
func try[Request, Answer proto.Message](method call[Request, Answer], request Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), secondsMax)
	defer cancel()
	return method(ctx, request, grpc.WaitForReady(true))
}

// ask is for calls that are to succeed.
func ask[Request, Answer proto.Message](method call[Request, Answer], request Request) Answer {
	answer, err := try(method, request)
	insist(err == nil, "%v", err)
	return answer
}

// words tells a change in a line.
func (d *desk) words(change *opdv1.QueueChange) string {
	starts := map[string]string{d.nine.Id: "09:00", d.ten.Id: "10:00"}
	var effects []string
	for _, each := range change.Tokens {
		kind := strings.TrimPrefix(each.Kind.String(), "KIND_")
		effects = append(effects, fmt.Sprintf("%s %s %s", kind, each.Token.PatientRef, starts[each.Token.SlotId]))
	}
	return fmt.Sprintf("%d %s: %s", change.Revision, change.Cause, strings.Join(effects, ", "))
}
