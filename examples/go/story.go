// The story of ../README.md, told by a client in Go. Ends with a non-zero code where it goes otherwise.
package main

import (
	"cmp"
	"fmt"
	"log"
	"os"
	"os/exec"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	opdv1 "example.com/opd/gen/opd/v1"
)

var story = []string{
	"3 AllocateToken: ALLOCATED P-1 09:00",
	"4 AllocateToken: ALLOCATED P-2 09:00",
	"5 AllocateToken: ALLOCATED P-3 09:00, DISPLACED P-1 09:00",
	"6 InsertEmergency: ALLOCATED E-1 09:00, DISPLACED P-2 09:00, MOVED P-2 10:00, MOVED P-1 10:00",
	"7 InsertEmergency: ALLOCATED E-2 09:00, DISPLACED P-3 09:00",
	"8 InsertEmergency: ALLOCATED E-3 09:00",
	"9 CancelToken: CANCELLED E-3 09:00",
	"10 CancelToken: CANCELLED E-2 09:00, PROMOTED P-3 09:00",
	"11 AllocateToken: QUEUED P-4 10:00",
}

var storyAfterTheCut = []string{
	"12 AllocateToken: ALLOCATED P-5 10:00, DISPLACED P-1 10:00",
	"13 CancelToken: CANCELLED P-5 10:00, PROMOTED P-1 10:00",
}

func main() {
	address := cmp.Or(os.Getenv("OPD_ADDRESS"), "127.0.0.1:50051")
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	insist(err == nil, "%v", err)
	defer connection.Close()
	d := openDesk(opdv1.NewOpdServiceClient(connection))

	w := d.watchAfter(0, "")
	snapshot := w.snapshot()
	insist(snapshot.Revision == 2 && len(snapshot.Slots) == 2, "%v", snapshot)

	walkIn := d.allocate(d.nine, opdv1.TokenSource_TOKEN_SOURCE_WALK_IN, "P-1")
	online := d.allocate(d.nine, opdv1.TokenSource_TOKEN_SOURCE_ONLINE, "P-2")
	d.allocate(d.nine, opdv1.TokenSource_TOKEN_SOURCE_PAID, "P-3")
	d.emergency("E-1")
	second, third := d.emergency("E-2"), d.emergency("E-3")
	overflowing := d.answered[len(d.answered)-1].Slots[0]
	insist(overflowing.SeatsTaken == 3 && overflowing.Capacity == 2, "%v", overflowing)
	d.cancel(third)
	d.cancel(second)

	d.readRefusals(walkIn, online)
	repeated := d.askTwice()

	var watched []*opdv1.QueueChange
	for range story {
		watched = append(watched, w.change())
	}
	d.insistOn(watched, story)

	cut(w)
	stronger := d.allocate(d.ten, opdv1.TokenSource_TOKEN_SOURCE_FOLLOW_UP, "P-5")
	again := ask(d.client.AllocateToken, repeated).Change
	insist(proto.Equal(again, watched[len(watched)-1]), "a request_id is remembered over a restart: %v", again)

	resumed := d.watchAfter(watched[len(watched)-1].Revision, snapshot.Epoch)
	watched = append(watched, resumed.change())
	d.cancel(stronger)
	watched = append(watched, resumed.change())
	d.insistOn(watched, slices.Concat(story, storyAfterTheCut))
	resumed.hangUp()

	d.insistOnTheEnd()
	fmt.Println("go: the story went as it should")
}

// readRefusals asks for what cannot be, and reads why.
func (d *desk) readRefusals(walkIn, online *opdv1.Token) {
	_, err := try(d.client.AllocateToken, &opdv1.AllocateTokenRequest{SlotId: walkIn.Id})
	wrong := refusalOf(err)
	insist(wrong.code == codes.InvalidArgument && wrong.reason == "INVALID_FIELDS", "%v", err)
	insist(slices.Equal(wrong.wrong, []string{"slot_id", "source"}), "%v", wrong)

	_, err = try(d.client.AllocateToken, &opdv1.AllocateTokenRequest{
		SlotId: d.ten.Id, Source: opdv1.TokenSource_TOKEN_SOURCE_PAID, PatientRef: "P-2",
	})
	twice := refusal{codes.AlreadyExists, "PATIENT_HAS_TOKEN", map[string]string{"tokenId": online.Id}, nil}
	insist(reflect.DeepEqual(refusalOf(err), twice), "%v", err)
}

// askTwice sends a command a second time under its request_id: it gets the same answer, and changes nothing more.
func (d *desk) askTwice() *opdv1.AllocateTokenRequest {
	request := &opdv1.AllocateTokenRequest{
		SlotId: d.ten.Id, Source: opdv1.TokenSource_TOKEN_SOURCE_WALK_IN, PatientRef: "P-4", RequestId: uuid.NewString(),
	}
	d.send(request)
	again := ask(d.client.AllocateToken, request).Change
	insist(proto.Equal(again, d.answered[len(d.answered)-1]), "%v", again)
	return request
}

// cut has the server restarted where there is a command for it, and hangs up otherwise. Either way the watch ends.
func cut(w watch) {
	restart := os.Getenv("OPD_RESTART")
	if restart == "" {
		w.hangUp()
		insist(refusalOf(w.end()).code == codes.Canceled, "the watch was hung up")
		return
	}
	output, err := exec.Command("sh", "-c", restart).CombinedOutput()
	insist(err == nil, "%s", output)
	end := refusalOf(w.end())
	insist(end.code == codes.Unavailable && end.reason == "DRAINING", "%v", end)
}

// insistOn holds what was watched against the story, and against what the commands have answered: they are the same messages.
func (d *desk) insistOn(watched []*opdv1.QueueChange, told []string) {
	var words []string
	for _, change := range watched {
		words = append(words, d.words(change))
	}
	insist(slices.Equal(words, told), "%q", words)
	same := func(a, b *opdv1.QueueChange) bool { return proto.Equal(a, b) }
	insist(slices.EqualFunc(watched, d.answered, same), "the watch showed other than what was answered")
}

func (d *desk) insistOnTheEnd() {
	queue := ask(d.client.GetQueue, &opdv1.GetQueueRequest{DoctorId: d.doctor.Id, Date: date}).Queue
	var lists [][]string
	for _, slot := range queue.Slots {
		for _, list := range [][]*opdv1.Token{slot.Seated, slot.Waiting} {
			patients := []string{}
			for _, token := range list {
				patients = append(patients, token.PatientRef)
			}
			lists = append(lists, patients)
		}
	}
	insist(queue.Revision == 13, "%v", queue)
	insist(reflect.DeepEqual(lists, [][]string{{"E-1", "P-3"}, {}, {"P-2", "P-1"}, {"P-4"}}), "%v", lists)
}

func insist(isTrue bool, otherwise string, details ...any) {
	if !isTrue {
		log.Panicf(otherwise, details...)
	}
}
